import type { FastifyInstance } from 'fastify';
import { parse } from 'secure-json-parse';
import { LapidaryError } from '../core/errors.js';
import { DEEPEST, excessOf, isTooDeep, LARGE } from '../core/json.js';
import { IMAGE_TYPES } from '../prediction/schema.js';

/**
 * Parses JSON bodies, and passes images as bytes; refuses all others. Unlike Fastify's parser, it names the fault of a
 * body, and refuses keys that could reach an object's prototype.
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

/** Parses JSON. @throws LapidaryError `invalid_json`, `unsupported_charset` */
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
  // Otherwise, undecodable bytes could become part of a name.
  if (text.includes('\ufffd')) {
    const detail =
      'the body is not UTF-8: name its charset in the content type; escape a literal U+FFFD as \\ufffd';
    throw new LapidaryError('unsupported_charset', detail);
  }
  return parsed;
}
