import { GetObjectCommand, type GetObjectCommandOutput, type S3Client } from '@aws-sdk/client-s3';
import { MissingObject } from './objects.js';
import { isBeyond, isMissing } from './s3-errors.js';

/** Objects are read in pieces of so many bytes: a connection that breaks costs no more than one. */
const RANGE_BYTES = 4 * 2 ** 20;
const ATTEMPTS = 4;

interface Where {
  Bucket: string;
  Key: string;
}

/** Of an object, with how long all of it is. */
interface Piece {
  bytes: Uint8Array;
  total: number;
}

/**
 * An object in pieces; the next one comes while one is worked on, however long that takes.
 * @param fail what failures become
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
      // Whoever stops reading early never asks how it went.
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
      if (isMissing(error)) throw new MissingObject(`there is no object ${where.Key}`);
      // Of an empty object there is no range.
      if (isBeyond(error)) return undefined;
      throw fail(error);
    });
    if (!answer) return { bytes: new Uint8Array(), total: at };
    try {
      return { bytes: await answer.Body!.transformToByteArray(), total: totalOf(answer) };
    } catch (error) {
      // The client sends requests again, but knows nothing of answers that break off.
      if (attempt === ATTEMPTS) throw fail(error);
    }
  }
}

function totalOf({ ContentRange, ContentLength = 0 }: GetObjectCommandOutput): number {
  return Number(ContentRange?.split('/')[1] ?? ContentLength);
}
