import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DatasetServices } from '../../src/datasets/routes.js';
import { testApp } from '../support/app.js';

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
} as unknown as DatasetServices['datasets'];
const { app } = testApp({ datasets: async () => ({ datasets }) as DatasetServices });
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
