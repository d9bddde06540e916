import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DatasetServices } from '../../src/datasets/routes.js';
import type { BatchPredictionService } from '../../src/prediction/batches/service.js';
import { ImagePreparer, PredictionService } from '../../src/prediction/service.js';
import { testApp } from '../support/app.js';

const STORED_BYTES = 2 ** 30;
/** More than sockets and streams hold of what is sent over the loopback. */
const HELD_BYTES = 32 * 2 ** 20;

/** A stored file as a store streams it. */
let file: Readable | undefined;
let fileBytes = 0;
const stored = {
  async *read() {
    fileBytes = 0;
    file = new Readable({
      read() {
        fileBytes += 65_536;
        this.push(fileBytes > STORED_BYTES ? null : Buffer.alloc(65_536));
      },
    });
    yield* file;
  },
};

/** What was read of the last batch, and why its reading ended. */
const read = { bytes: 0, end: undefined as unknown };
const datasets = {
  async append(_dataset: string, _format: string, chunks: AsyncIterable<Uint8Array>) {
    try {
      for await (const chunk of chunks) read.bytes += chunk.length;
      read.end = 'all';
    } catch (error) {
      read.end = error;
      throw error;
    }
  },
  openBatch: async () => ({
    batch: { id: 'one', format: 'csv', checksum: '', bytes: STORED_BYTES },
    content: stored,
    quarantine: stored,
  }),
} as unknown as DatasetServices['datasets'];
const batchPredictions = {
  openResult: async () => ({
    result: { checksum: '', bytes: STORED_BYTES },
    content: stored,
    rejects: stored,
  }),
} as unknown as BatchPredictionService;

/** How many images were decoded. */
let decoded = 0;
const decoder = {
  async decode() {
    decoded++;
    await sleep(5);
    return { width: 28, height: 28, pixels: new Uint8Array(28 * 28).fill(9, 300, 400) };
  },
};

const { registry } = testApp();
const { app } = testApp({
  datasets: async () => ({ datasets }) as DatasetServices,
  predictions: new PredictionService(registry, { preparers: [new ImagePreparer(decoder)] }),
  workspaceOf: () => {
    throw new Error('not requested');
  },
  batchPredictions: async () => batchPredictions,
});
let port = 0;
beforeAll(async () => {
  port = Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port);
});
afterAll(() => app.close());

describe('the reading of a batch', () => {
  it('ends when its client hangs up, though all of it has come', async () => {
    const blank = gzipSync(Buffer.alloc(300 << 20, '\n'));
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(
      `POST /datasets/flats HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/csv\r\ncontent-encoding: gzip\r\ncontent-length: ${blank.length}\r\n\r\n`,
    );
    await new Promise<void>((resolve) => socket.write(blank, () => resolve()));
    while (read.bytes === 0) await sleep(5);
    socket.destroy();
    while (read.end === undefined) await sleep(5);
    expect(read.end).toMatchObject({
      code: expect.stringMatching(/^(client_closed|upload_interrupted)$/),
    });
    expect(read.bytes).toBeLessThan(300 << 20);
  });
});

describe('the download of a', () => {
  it.each([
    ['batch', '/datasets/flats/batches/one/content'],
    ['quarantine', '/datasets/flats/batches/one/quarantine'],
    ['batch prediction', '/models/diamonds/batch-predictions/one/result'],
    ['list of rejected rows', '/models/diamonds/batch-predictions/one/rejects'],
  ])('%s reads no faster than its client, and ends when that hangs up', async (_what, path) => {
    const socket = connect(port, '127.0.0.1');
    socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
    await new Promise((resolve) => socket.once('readable', resolve));
    // Nothing is read of it: what is sent fills the buffers, and no more is taken from the store.
    await settled(() => fileBytes);
    expect(fileBytes).toBeLessThan(HELD_BYTES);
    expect(file!.destroyed).toBe(false);
    socket.destroy();
    while (!file!.destroyed) await sleep(5);
    const before = fileBytes;
    await sleep(100);
    expect(fileBytes).toBe(before);
  });
});

describe('the decoding of many images', () => {
  it('ends when their client hangs up', async () => {
    const image = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1').toString('base64');
    const body = JSON.stringify({ instances: Array(1000).fill({ image }) });
    const socket = connect(port, '127.0.0.1');
    socket.write(
      `POST /models/digits/predictions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    // More than the faults of images that end it.
    while (decoded < 20) await sleep(5);
    socket.destroy();
    await settled(() => decoded);
    expect(decoded).toBeLessThan(500);
  });
});

/** Resolves once a number has stopped growing. */
async function settled(count: () => number): Promise<void> {
  for (let before = -1; before !== count(); ) {
    before = count();
    await sleep(200);
  }
}
