import type { FastifyInstance } from 'fastify';
import { parse } from 'secure-json-parse';
import { LapidaryError } from '../core/errors.js';
import { DEEPEST, excessOf, isTooDeep, LARGE } from '../core/json.js';
import { IMAGE_TYPES } from '../prediction/schema.js';

/**
 * Takes JSON bodies, and images as bytes, and no others. Fastify's own parser does not say what is wrong with a body;
 * this one does, and refuses keys that could reach an object's prototype.
 */
export function parseBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, parseJson(body as string));
    } catch (error) {
      done(error as Error);
    }
  });
  app.addContentTypeParser([...IMAGE_TYPES], { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
}

/** @throws LapidaryError `invalid_json`, `unsupported_charset` */
function parseJson(text: string): unknown {
  const excess = text.length > LARGE ? excessOf(text) : undefined;
  if (excess !== undefined) throw new LapidaryError('invalid_json', `the body ${excess}`);
  let parsed: unknown;
  try {
    parsed = parse(text);
  } catch (error) {
    const detail = text === '' ? 'the body is empty' : (error as Error).message;
    throw new LapidaryError('invalid_json', detail, [], { cause: error });
  }
  if (isTooDeep(parsed, text))
    throw new LapidaryError('invalid_json', `the body is nested deeper than ${DEEPEST} levels`);
  // What was not UTF-8 would else become the name of something.
  if (text.includes('\ufffd')) {
    const detail =
      'the body is not UTF-8: name its charset in the content type; U+FFFD itself is written as \\ufffd';
    throw new LapidaryError('unsupported_charset', detail);
  }
  return parsed;
}
