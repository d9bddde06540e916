import { GetObjectCommand, type GetObjectCommandOutput, type S3Client } from '@aws-sdk/client-s3';
import { MissingObject } from './objects.js';
import { isBeyond, isMissing } from './s3-errors.js';

/** Bytes of one request: at most these are lost with a connection. */
const RANGE_BYTES = 4 * 2 ** 20;
const ATTEMPTS = 4;

interface Where {
  Bucket: string;
  Key: string;
}

/** A piece of an object, and the size of all of it. */
interface Piece {
  bytes: Uint8Array;
  total: number;
}

/**
 * Returns an object in pieces; the next one is fetched while one is processed, for any length of time.
 * @param fail translates errors of S3
 * @throws MissingObject
 */
export async function* readInRanges(
  client: S3Client,
  where: Where,
  fail: (error: unknown) => Error,
): AsyncGenerator<Uint8Array> {
  let next = readRange(client, where, 0, fail);
  for (let at = 0; ; ) {
    const { bytes, total } = await next;
    at += bytes.length;
    if (at < total) {
      next = readRange(client, where, at, fail);
      // A reader that stops early never awaits this request: its failure must not be an unhandled rejection.
      next.catch(() => undefined);
    }
    yield bytes;
    if (at >= total) return;
  }
}

async function readRange(
  client: S3Client,
  where: Where,
  at: number,
  fail: (error: unknown) => Error,
): Promise<Piece> {
  const Range = `bytes=${at}-${at + RANGE_BYTES - 1}`;
  for (let attempt = 1; ; attempt++) {
    const answer = await client.send(new GetObjectCommand({ ...where, Range })).catch((error) => {
      if (isMissing(error)) throw new MissingObject(`missing object ${where.Key}`);
      // An empty object has no range.
      if (isBeyond(error)) return undefined;
      throw fail(error);
    });
    if (!answer) return { bytes: new Uint8Array(), total: at };
    try {
      return { bytes: await answer.Body!.transformToByteArray(), total: totalOf(answer) };
    } catch (error) {
      // The client retries requests, but not interrupted answers.
      if (attempt === ATTEMPTS) throw fail(error);
    }
  }
}

function totalOf({ ContentRange, ContentLength = 0 }: GetObjectCommandOutput): number {
  return Number(ContentRange?.split('/')[1] ?? ContentLength);
}
