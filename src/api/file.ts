import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

/** A stored file that a client downloads. */
export interface Download {
  type: 'text/csv' | 'application/x-ndjson';
  /** Suggested name of the file. */
  name: string;
  /** SHA-256 in hexadecimal and length, where they are known. */
  facts?: { checksum: string; bytes: number };
  read(): AsyncIterable<Uint8Array>;
}

/** Streams a file to the client. */
export function sendFile(reply: FastifyReply, file: Download): FastifyReply {
  const { type, name, facts } = file;
  reply
    .type(`${type}; charset=utf-8`)
    .header('content-disposition', `attachment; filename="${name}"`);
  if (facts) {
    const digest = Buffer.from(facts.checksum, 'hex').toString('base64');
    reply
      .header('etag', `"${facts.checksum}"`)
      .header('content-digest', `sha-256=:${digest}:`)
      .header('content-length', facts.bytes);
  }
  return reply.send(Readable.from(file.read(), { objectMode: false }));
}

/** Returns the answer of a download. @param types of its content */
export const fileOf = (description: string, types: readonly string[] = ['text/csv']) => ({
  description,
  content: Object.fromEntries(types.map((type) => [type, { schema: { type: 'string' } }])),
});
