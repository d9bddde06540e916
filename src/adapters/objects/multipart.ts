import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { ObjectWriter } from './objects.js';

/** S3 takes no smaller parts but the last, and no more of them. */
const SMALLEST_PART = 5 * 2 ** 20;
const MOST_PARTS = 10_000;
/** Parts that are on their way at a time; each is held in memory. */
const PARTS_AT_ONCE = 2;
/** Bytes that wait to become a part. */
const WAITING_BYTES = 2 ** 20;

/** Writes an object, with memory for a few parts of it. */
export class MultipartWriter implements ObjectWriter {
  private readonly body = new PassThrough({ highWaterMark: WAITING_BYTES });
  private readonly done: Promise<unknown>;

  /** @param fail what its failures become */
  constructor(
    client: S3Client,
    bucket: string,
    key: string,
    largestBytes: number,
    private readonly fail: (error: unknown) => Error,
  ) {
    const upload = new Upload({
      client,
      params: { Bucket: bucket, Key: key, Body: this.body },
      partSize: Math.max(SMALLEST_PART, Math.ceil(largestBytes / MOST_PARTS)),
      queueSize: PARTS_AT_ONCE,
    });
    this.done = upload.done();
    // Whoever writes is told.
    this.done.catch((error) => this.body.destroy(error));
    this.body.on('error', () => undefined);
  }

  async write(bytes: Uint8Array): Promise<void> {
    try {
      if (this.body.errored) throw this.body.errored;
      // The caller may use its memory for something else once this is done.
      if (!this.body.write(Buffer.from(bytes))) await once(this.body, 'drain');
    } catch (error) {
      throw this.fail(error);
    }
  }

  /** Makes the object. */
  async end(): Promise<void> {
    this.body.end();
    await this.done.catch((error) => {
      throw this.fail(error);
    });
  }

  /** Makes nothing. */
  async abort(): Promise<void> {
    this.body.destroy(new Error('the object is not wanted any more'));
    await this.done.catch(() => undefined);
  }
}

/** Ends uploads in parts that began before a moment: a crash leaves them, and what they hold is paid for. */
export async function abortMultipartUploads(
  client: S3Client,
  Bucket: string,
  Prefix: string,
  before: Date,
): Promise<void> {
  let markers: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } = {};
  for (;;) {
    const page = await client.send(new ListMultipartUploadsCommand({ Bucket, Prefix, ...markers }));
    for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
      if (Initiated && Initiated < before)
        await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
    }
    if (!page.IsTruncated) return;
    markers = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
  }
}
