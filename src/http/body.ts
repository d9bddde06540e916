import type { FastifyInstance } from 'fastify';
import { parse } from 'secure-json-parse';
import { LapidaryError } from '../core/errors.js';
import { DEEPEST, isTooDeep } from '../core/json.js';
import { IMAGE_TYPES } from '../prediction/schema.js';

/**
 * Takes JSON bodies, and images as bytes, and no others. Fastify's own parser does not say what is wrong with a body; this one
 * tells what was met and where, and refuses keys that could reach an object's prototype.
 */
export function parseBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      const parsed: unknown = parse(body as string);
      if (!isTooDeep(parsed, body)) return done(null, parsed);
      done(new LapidaryError('invalid_json', `it is nested deeper than ${DEEPEST} levels`));
    } catch (error) {
      const detail = body === '' ? 'the body is empty' : (error as Error).message;
      done(new LapidaryError('invalid_json', detail, [], { cause: error }));
    }
  });
  app.addContentTypeParser([...IMAGE_TYPES], { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
}
