import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { ObjectWriter } from './objects.js';

/** Limits of S3; the last part may be smaller. */
const SMALLEST_PART = 5 * 2 ** 20;
const MOST_PARTS = 10_000;
/** Parts uploaded concurrently; each is held in memory. */
const PARTS_AT_ONCE = 2;
/** Bytes buffered for the next part. */
const WAITING_BYTES = 2 ** 20;

/** Writes an object, and holds a few parts of it in memory. */
export class MultipartWriter implements ObjectWriter {
  private readonly body = new PassThrough({ highWaterMark: WAITING_BYTES });
  private readonly done: Promise<unknown>;

  /** @param fail translates errors of S3 */
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
    // The writer gets the error from its next call.
    this.done.catch((error) => this.body.destroy(error));
    this.body.on('error', () => undefined);
  }

  async write(bytes: Uint8Array): Promise<void> {
    try {
      if (this.body.errored) throw this.body.errored;
      // Copied: the caller may reuse the memory once this resolves.
      if (!this.body.write(Buffer.from(bytes))) await once(this.body, 'drain');
    } catch (error) {
      throw this.fail(error);
    }
  }

  async end(): Promise<void> {
    this.body.end();
    await this.done.catch((error) => {
      throw this.fail(error);
    });
  }

  async abort(): Promise<void> {
    this.body.destroy(new Error('the write was aborted'));
    await this.done.catch(() => undefined);
  }
}

/**
 * Aborts multipart uploads that began before a moment: crashes leave them, and their bytes are billed.
 * @returns whether others began since
 */
export async function abortMultipartUploads(
  client: S3Client,
  Bucket: string,
  Prefix: string,
  before: Date,
): Promise<boolean> {
  let younger = false;
  let markers: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } = {};
  for (;;) {
    const page = await client.send(new ListMultipartUploadsCommand({ Bucket, Prefix, ...markers }));
    for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
      if (Initiated && Initiated < before)
        await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
      else younger = true;
    }
    if (!page.IsTruncated) return younger;
    markers = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
  }
}
