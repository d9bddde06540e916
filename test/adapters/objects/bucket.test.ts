import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Bucket } from '../../../src/adapters/objects/bucket.js';
import { newBucket } from '../../support/bucket.js';
import { textOf } from '../../support/datasets.js';
import { describeAws } from '../../support/emulator.js';

const RANGE_BYTES = 4 * 2 ** 20;

describeAws('a bucket', () => {
  let world: Awaited<ReturnType<typeof newBucket>>;
  let bucket: Bucket;
  beforeAll(async () => {
    world = await newBucket();
  });
  beforeEach(() => {
    bucket = world.newPlace().open();
  });

  it.each([0, 1, RANGE_BYTES - 1, RANGE_BYTES, 2 * RANGE_BYTES + 1])(
    'reads %d bytes as they were written',
    async (length) => {
      const bytes = Buffer.alloc(length, 'gems and stones');
      const writer = bucket.write('some/object');
      // The memory of a piece may be used again once it was written.
      const piece = Buffer.alloc(1_000_003);
      for (let at = 0; at < length; at += piece.length) {
        const end = Math.min(at + piece.length, length);
        bytes.copy(piece, 0, at, end);
        await writer.write(piece.subarray(0, end - at));
      }
      await writer.end();
      expect(Buffer.from((await bucket.read('some/object'))!).equals(bytes)).toBe(true);
    },
  );

  it('tells what is not there from what is empty', async () => {
    await bucket.createOnce('empty', new Uint8Array());
    expect(await bucket.readText('empty')).toBe('');
    expect(await bucket.readText('none')).toBeUndefined();
    expect([await bucket.has('empty'), await bucket.has('empt')]).toEqual([true, false]);
    await expect(textOf(bucket.stream('none'))).rejects.toThrow(/missing object .*none/);
  });

  it('lists and removes more than a thousand objects', async () => {
    const keys = Array.from({ length: 1203 }, (_, i) => `all/${String(i).padStart(4, '0')}/x`);
    for (let at = 0; at < keys.length; at += 100) {
      const some = keys.slice(at, at + 100);
      await Promise.all(some.map((key) => bucket.createOnce(key, Buffer.from('x'))));
    }
    const listed: string[] = [];
    for await (const { key } of bucket.list('all/')) listed.push(key);
    expect(listed).toEqual(keys);
    expect(await bucket.names('all/')).toHaveLength(keys.length);
    await bucket.createOnce('other', Buffer.from('x'));
    await bucket.removeAll('all/');
    expect(await bucket.names('')).toEqual(['other']);
  });

  it('makes nothing of what was given up, or what a crash left', async () => {
    const unfinished = async () => {
      const command = new ListMultipartUploadsCommand({ Bucket: world.name });
      return (await world.client.send(command)).Uploads?.length ?? 0;
    };
    const writers = [bucket.write('given-up'), bucket.write('left')];
    for (const writer of writers) await writer.write(Buffer.alloc(12 * 2 ** 20));
    while ((await unfinished()) < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    await writers[0]!.abort();
    expect(await unfinished()).toBe(1);
    await bucket.sweep('', new Date(Date.now() - 60_000));
    expect(await unfinished()).toBe(1);
    await bucket.sweep('', new Date(Date.now() + 60_000));
    expect(await unfinished()).toBe(0);
    expect(await bucket.names('')).toEqual([]);
    await writers[1]!.abort();
  });

  it('says what is wrong with it, not that things are not there', async () => {
    const name = 'lapidary-no-such-bucket';
    const none = new Bucket(world.client, { name, prefix: '', largestBytes: 1 });
    const failure = { code: 'storage_unavailable', message: expect.stringMatching(/S3_BUCKET/) };
    const nothing = Buffer.from('');
    const attempts = [
      () => none.read('a'),
      () => none.has('a'),
      () => none.names(''),
      () => none.createOnce('a', nothing),
      () => none.replace('a', nothing),
      () => none.remove(['a']),
      () => none.write('a').end(),
      () => none.sweep('', new Date()),
    ];
    for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject(failure);
  });

  it('reports a missing answer', async () => {
    const client = new S3Client({ endpoint: 'http://127.0.0.1:1', maxAttempts: 1 });
    const away = new Bucket(client, { name: 'away', prefix: '', largestBytes: 1 });
    const failure = { code: 'storage_unavailable', message: expect.stringMatching(/ECONNREFUSED/) };
    await expect(away.read('a')).rejects.toMatchObject(failure);
  });
});

describeAws('a bucket behind a network that loses answers', () => {
  let world: Awaited<ReturnType<typeof newBucket>>;
  let proxy: Server;
  let bucket: Bucket;
  /** How many answers are still to be lost, and after how many bytes. */
  let lose: { answers: number; after: number };
  beforeAll(async () => {
    world = await newBucket();
  });
  beforeEach(async () => {
    lose = { answers: 0, after: 0 };
    proxy = createServer((incoming, outgoing) => {
      const { method, headers, url } = incoming;
      const onward = request(world.endpoint + url, { method, headers }, (answer) => {
        if (lose.answers-- <= 0) {
          outgoing.writeHead(answer.statusCode!, answer.headers);
          answer.pipe(outgoing);
          return;
        }
        if (lose.after > 0) outgoing.writeHead(answer.statusCode!, answer.headers);
        let passed = 0;
        answer.on('data', (bytes: Buffer) => {
          passed += bytes.length;
          if (passed > lose.after) outgoing.destroy();
          else outgoing.write(bytes);
        });
        answer.on('end', () => outgoing.destroy());
      });
      incoming.pipe(onward);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const client = new S3Client({ endpoint, forcePathStyle: true });
    const prefix = `${proxy.listening}-${Date.now()}/`;
    bucket = new Bucket(client, { name: world.name, prefix, largestBytes: 2 ** 30 });
  });
  afterEach(() => {
    proxy.closeAllConnections();
    proxy.close();
  });

  it('knows what it created itself', async () => {
    lose.answers = 1;
    expect(await bucket.createOnce('one', Buffer.from('mine'))).toBe(true);
    expect(lose.answers).toBeLessThan(0);
    lose.answers = 1;
    expect(await bucket.createOnce('one', Buffer.from('another'))).toBe(false);
    expect(await bucket.readText('one')).toBe('mine');
  });

  it('reads on when an answer breaks off', async () => {
    const bytes = Buffer.alloc(2 * RANGE_BYTES, 'gems');
    await bucket.replace('large', bytes);
    lose = { answers: 2, after: 1_000_000 };
    expect(Buffer.from((await bucket.read('large'))!).equals(bytes)).toBe(true);
    expect(lose.answers).toBeLessThan(0);
  });
});
