import type { FastifyInstance, onSendHookHandler } from 'fastify';
import { sha256 } from '../core/checksum.js';

const LENGTH = 32;

/** Tags answers to GET with a hash of their content, and answers 304 when the client already has it. */
export function tagAnswers(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    if (route.method === 'GET') route.onSend = [route.onSend ?? [], tagAnswer].flat();
  });
}

const tagAnswer: onSendHookHandler = (request, reply, payload, done) => {
  // A shared cache does not know keys: it must not store answers.
  if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'private, no-cache');
  if (reply.statusCode !== 200) return done(null, payload);
  let tag = reply.getHeader('etag') as string | undefined;
  if (tag === undefined && (typeof payload === 'string' || payload instanceof Uint8Array)) {
    tag = `"${sha256(payload).slice(0, LENGTH)}"`;
    reply.header('etag', tag);
  }
  const known = request.headers['if-none-match'];
  if (tag === undefined || known === undefined || !lists(known, tag)) return done(null, payload);
  reply.code(304).removeHeader('content-type').removeHeader('content-length');
  done(null, null);
};

/** Returns whether a list of tags contains this one, compared weakly. */
function lists(tags: string, tag: string): boolean {
  const plain = (text: string) => text.trim().replace(/^W\//, '');
  return tags.trim() === '*' || tags.split(',').some((each) => plain(each) === plain(tag));
}
