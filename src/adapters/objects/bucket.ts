import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteObjectsCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  type ListObjectsV2CommandOutput,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { uuidv7 } from '../../core/ids.js';
import { abortMultipartUploads, MultipartWriter } from './multipart.js';
import { MissingObject, Objects, type StoredObject } from './objects.js';
import { readInRanges } from './ranges.js';
import { isContended, isTaken, unavailable, wasSentAgain } from './s3-errors.js';

const CONTENTIONS = 20;
const DELETED_AT_ONCE = 1000;

export interface BucketSettings {
  name: string;
  /** Prefix of all keys in the bucket. */
  prefix: string;
  /** Size of the largest object. */
  largestBytes: number;
}

/** Objects below a prefix of a bucket. S3 guarantees within a region what {@link Objects} requires. */
export class Bucket extends Objects {
  constructor(
    private readonly client: S3Client,
    private readonly settings: BucketSettings,
  ) {
    super();
  }

  async read(key: string): Promise<Uint8Array | undefined> {
    const pieces: Uint8Array[] = [];
    try {
      for await (const bytes of this.stream(key)) pieces.push(bytes);
    } catch (error) {
      if (error instanceof MissingObject) return undefined;
      throw error;
    }
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  }

  /** Streams an object; the next piece is fetched while one is processed. */
  stream(key: string): AsyncGenerator<Uint8Array> {
    const where = { Bucket: this.settings.name, Key: this.full(key) };
    return readInRanges(this.client, where, (error) => this.failure('GetObject', error));
  }

  async createOnce(key: string, bytes: Uint8Array): Promise<boolean> {
    const Key = this.full(key);
    const claim = uuidv7();
    for (let contentions = 0; ; contentions++) {
      try {
        const where = { Bucket: this.settings.name, Key };
        const once = { Body: bytes, IfNoneMatch: '*', Metadata: { claim } };
        await this.client.send(new PutObjectCommand({ ...where, ...once }));
        return true;
      } catch (error) {
        if (isContended(error) && contentions < CONTENTIONS) await sleep(50 * Math.random());
        // After a lost answer the client retried the request, so the object may be ours.
        else if (isTaken(error))
          return (contentions > 0 || wasSentAgain(error)) && (await this.claimOf(Key)) === claim;
        else throw this.failure('PutObject', error);
      }
    }
  }

  async replace(key: string, bytes: Uint8Array): Promise<void> {
    const where = { Bucket: this.settings.name, Key: this.full(key) };
    await this.client.send(new PutObjectCommand({ ...where, Body: bytes })).catch((error) => {
      throw this.failure('PutObject', error);
    });
  }

  write(key: string): MultipartWriter {
    const { name, largestBytes } = this.settings;
    const fail = (error: unknown) => this.failure('PutObject', error);
    return new MultipartWriter(this.client, name, this.full(key), largestBytes, fail);
  }

  async *list(prefix: string): AsyncGenerator<StoredObject> {
    for await (const { Contents = [] } of this.pages({ Prefix: this.full(prefix) })) {
      for (const { Key, LastModified, Size = 0 } of Contents) {
        const key = Key!.slice(this.settings.prefix.length);
        yield { key, modified: LastModified!, bytes: Size };
      }
    }
  }

  async names(prefix: string): Promise<string[]> {
    const start = this.full(prefix);
    const names: string[] = [];
    for await (const page of this.pages({ Prefix: start, Delimiter: '/' })) {
      for (const { Key } of page.Contents ?? []) names.push(Key!.slice(start.length));
      for (const { Prefix } of page.CommonPrefixes ?? [])
        names.push(Prefix!.slice(start.length, -1));
    }
    return names.filter((name) => name !== '');
  }

  async remove(keys: readonly string[]): Promise<void> {
    for (let at = 0; at < keys.length; at += DELETED_AT_ONCE) {
      const Objects = keys.slice(at, at + DELETED_AT_ONCE).map((key) => ({ Key: this.full(key) }));
      const { name } = this.settings;
      const command = new DeleteObjectsCommand({ Bucket: name, Delete: { Objects, Quiet: true } });
      const { Errors = [] } = await this.client.send(command).catch((error) => {
        throw this.failure('DeleteObjects', error);
      });
      const [first] = Errors;
      if (first)
        throw this.failure('DeleteObjects', Object.assign(new Error(), { name: first.Code }));
    }
  }

  async sweep(prefix: string, before: Date): Promise<boolean> {
    const { name } = this.settings;
    return abortMultipartUploads(this.client, name, this.full(prefix), before).catch((error) => {
      throw this.failure('ListMultipartUploads', error);
    });
  }

  private async claimOf(Key: string): Promise<string | undefined> {
    try {
      const command = new HeadObjectCommand({ Bucket: this.settings.name, Key });
      return (await this.client.send(command)).Metadata?.claim;
    } catch (error) {
      // Another request created it and removed it again.
      if (error instanceof Error && error.name === 'NotFound') return undefined;
      throw this.failure('HeadObject', error);
    }
  }

  private async *pages(
    input: Partial<ListObjectsV2CommandInput>,
  ): AsyncGenerator<ListObjectsV2CommandOutput> {
    let ContinuationToken: string | undefined;
    do {
      const where = { Bucket: this.settings.name, ...input, ContinuationToken };
      const page = await this.client.send(new ListObjectsV2Command(where)).catch((error) => {
        throw this.failure('ListObjectsV2', error);
      });
      yield page;
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
  }

  private full(key: string): string {
    return this.settings.prefix + key;
  }

  private failure(operation: string, error: unknown): Error {
    return unavailable(this.settings.name, operation, error);
  }
}
