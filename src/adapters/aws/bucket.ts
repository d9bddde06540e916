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
import { BLOCK_BYTES } from '../../core/room.js';
import { abortMultipartUploads, ObjectWriter } from './multipart.js';
import { MissingObject, readInRanges } from './ranges.js';
import { isContended, isTaken, unavailable, wasSentAgain } from './s3-errors.js';

const CONTENTIONS = 20;
const DELETED_AT_ONCE = 1000;

export interface BucketSettings {
  name: string;
  /** What all keys begin with. */
  prefix: string;
  /** Most bytes that an object is expected to have. */
  largestBytes: number;
}

export interface StoredObject {
  key: string;
  modified: Date;
}

/**
 * A bucket. Stores above it rely on two things that S3 holds for one region: a read or a list sees all that
 * was written before it began, and of several conditional writes of one key one succeeds.
 */
export class Bucket {
  constructor(
    private readonly client: S3Client,
    private readonly settings: BucketSettings,
  ) {}

  /** All of an object; undefined when it is not there. */
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

  async readText(key: string): Promise<string | undefined> {
    const bytes = await this.read(key);
    return bytes && Buffer.from(bytes).toString();
  }

  /** An object in pieces; the next one comes while one is worked on. @throws MissingObject */
  stream(key: string): AsyncGenerator<Uint8Array> {
    const where = { Bucket: this.settings.name, Key: this.full(key) };
    return readInRanges(this.client, where, (error) => this.failure('GetObject', error));
  }

  async has(key: string): Promise<boolean> {
    // Not HEAD, which cannot tell a bucket that is not there from an object that is not.
    const { Contents = [] } = await this.page({ Prefix: this.full(key), MaxKeys: 1 });
    return Contents.some(({ Key }) => Key === this.full(key));
  }

  /** Whether any key begins so. */
  async hasAny(prefix: string): Promise<boolean> {
    const { Contents = [] } = await this.page({ Prefix: this.full(prefix), MaxKeys: 1 });
    return Contents.length > 0;
  }

  /**
   * Creates an object unless there is one of that key; of several that try at once one succeeds.
   * @returns whether it was created
   */
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
        // When an answer was lost, the request was sent again, and what took the key may be our own.
        else if (isTaken(error))
          return (contentions > 0 || wasSentAgain(error)) && (await this.claimOf(Key)) === claim;
        else throw this.failure('PutObject', error);
      }
    }
  }

  /** Puts an object in place of the one before. */
  async replace(key: string, bytes: Uint8Array): Promise<void> {
    const where = { Bucket: this.settings.name, Key: this.full(key) };
    await this.client.send(new PutObjectCommand({ ...where, Body: bytes })).catch((error) => {
      throw this.failure('PutObject', error);
    });
  }

  /** Writes an object of which the length is not known; nobody sees it before its end. */
  write(key: string): ObjectWriter {
    const { name, largestBytes } = this.settings;
    const fail = (error: unknown) => this.failure('PutObject', error);
    return new ObjectWriter(this.client, name, this.full(key), largestBytes, fail);
  }

  /** All objects whose keys begin so, sorted by key. */
  async *list(prefix: string): AsyncGenerator<StoredObject> {
    for await (const { Contents = [] } of this.pages({ Prefix: this.full(prefix) })) {
      for (const { Key, LastModified } of Contents)
        yield { key: Key!.slice(this.settings.prefix.length), modified: LastModified! };
    }
  }

  /** Bytes of all objects; one takes whole blocks. */
  async bytes(): Promise<number> {
    let bytes = 0;
    for await (const { Contents = [] } of this.pages({ Prefix: this.full('') }))
      for (const { Size = 0 } of Contents) bytes += Math.ceil(Size / BLOCK_BYTES) * BLOCK_BYTES;
    return bytes;
  }

  /** What stands between a prefix that ends with a slash and the next slash, or the end of a key. */
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

  /** Removes all objects whose keys begin so. */
  async removeAll(prefix: string): Promise<void> {
    let keys: string[] = [];
    for await (const { key } of this.list(prefix)) {
      keys.push(key);
      if (keys.length < DELETED_AT_ONCE) continue;
      await this.remove(keys);
      keys = [];
    }
    await this.remove(keys);
  }

  /** Ends what a crash left half-written. */
  async sweep(prefix: string, before: Date): Promise<void> {
    await abortMultipartUploads(this.client, this.settings.name, this.full(prefix), before).catch(
      (error) => {
        throw this.failure('ListMultipartUploads', error);
      },
    );
  }

  private async claimOf(Key: string): Promise<string | undefined> {
    try {
      const command = new HeadObjectCommand({ Bucket: this.settings.name, Key });
      return (await this.client.send(command)).Metadata?.claim;
    } catch (error) {
      // Whoever took it took it away again: it was not us.
      if (error instanceof Error && error.name === 'NotFound') return undefined;
      throw this.failure('HeadObject', error);
    }
  }

  private async *pages(
    input: Partial<ListObjectsV2CommandInput>,
  ): AsyncGenerator<ListObjectsV2CommandOutput> {
    let ContinuationToken: string | undefined;
    do {
      const page = await this.page({ ...input, ContinuationToken });
      yield page;
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
  }

  private async page(
    input: Partial<ListObjectsV2CommandInput>,
  ): Promise<ListObjectsV2CommandOutput> {
    const command = new ListObjectsV2Command({ Bucket: this.settings.name, ...input });
    return this.client.send(command).catch((error) => {
      throw this.failure('ListObjectsV2', error);
    });
  }

  private full(key: string): string {
    return this.settings.prefix + key;
  }

  private failure(operation: string, error: unknown): Error {
    return unavailable(this.settings.name, operation, error);
  }
}
