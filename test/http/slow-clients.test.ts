import { get } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LEAST_BYTES } from '../../src/http/protect/connections.js';
import { testApp } from '../support/app.js';
import { FLATS, flats, newDatasets } from '../support/datasets.js';

const IDLE_MS = 300;
const datasets = newDatasets({ partBytes: 1 << 24 });
const { app } = testApp({
  datasets: async () => datasets,
  clientTimeouts: { headersMs: 300, idleMs: IDLE_MS },
});
const sockets: Socket[] = [];
let port = 0;
beforeAll(async () => {
  port = Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port);
  await app.inject({ method: 'PUT', url: '/datasets/flats', payload: FLATS });
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await app.close();
  datasets.remove();
});

/** A connection, and all that came over it once the server has hung up. */
function open() {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  let answer = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    answer += text;
  });
  socket.on('error', () => undefined);
  const hungUp = new Promise<string>((resolve) => socket.on('close', () => resolve(answer)));
  return { socket, hungUp };
}
/** Sends a byte now and then for as long as the server listens. */
function trickle(socket: Socket, byte: string): void {
  const dripping = setInterval(() => socket.write(byte), 50);
  socket.on('close', () => clearInterval(dripping));
}
const post = (path: string, type: string, length: number) =>
  `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: ${type}\r\ncontent-length: ${length}\r\n\r\n`;

describe('a client is hung up on', () => {
  it('that sends nothing', async () => {
    expect(await open().hungUp).toMatch(/^HTTP\/1.1 408 [\s\S]*"code":"request_timeout"/);
  });

  it('whose headers do not end', async () => {
    const { socket, hungUp } = open();
    socket.write('GET /health/live HTTP/1.1\r\nhost: localhost\r\n');
    trickle(socket, 'x: y\r\n');
    expect(await hungUp).toMatch(/^HTTP\/1.1 408 [\s\S]*"code":"request_timeout"/);
  });

  it.each([
    ['JSON', '/models/diamonds/predictions', 'application/json', ' '],
    ['rows', '/datasets/flats', 'text/csv', 'x'],
  ])('whose body comes a byte at a time: %s', async (_what, path, type, byte) => {
    const { socket, hungUp } = open();
    socket.write(post(path, type, 100_000));
    trickle(socket, byte);
    expect(await hungUp).toMatch(/^HTTP\/1.1 408 [\s\S]*"code":"request_timeout"/);
  });

  it('whose body stops', async () => {
    const { socket, hungUp } = open();
    socket.write(`${post('/models/diamonds/predictions', 'application/json', 100)}{`);
    expect(await hungUp).toContain('408');
  });

  it('that does not take its answer', async () => {
    // More than the buffers of a connection hold.
    const [header, ...rows] = flats(55_000, 7).trim().split('\n');
    const csv = [`${header},note`, ...rows.map((row) => `${row},${'x'.repeat(200)}`)].join('\n');
    const sent = await app.inject({
      method: 'POST',
      url: '/datasets/flats',
      headers: { 'content-type': 'text/csv' },
      payload: csv,
    });
    expect(sent.statusCode).toBe(201);
    const path = `${sent.headers.location}/content`;
    const before = await connections();
    const { socket } = open();
    socket.pause();
    socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
    await until(async () => (await connections()) > before);
    await until(async () => (await connections()) <= before);
    // And it is there for who takes it.
    const bytes = await new Promise<number>((resolve, reject) => {
      get({ port, path }, (answer) => {
        let length = 0;
        answer.on('data', (chunk: Buffer) => {
          length += chunk.length;
        });
        answer.on('end', () => resolve(length)).on('error', reject);
      }).on('error', reject);
    });
    expect(bytes).toBe(csv.length);
  });
});

describe('a client is waited for', () => {
  it('whose upload is slow and gets on, for however long that takes', async () => {
    const text = flats(15_000, 9);
    const { socket, hungUp } = open();
    socket.write(
      post('/datasets/flats', 'text/csv', text.length).replace(
        '\r\n\r\n',
        '\r\nconnection: close\r\n\r\n',
      ),
    );
    // Several times as long as the server waits for nothing.
    for (let at = 0; at < text.length; at += LEAST_BYTES) {
      socket.write(text.slice(at, at + LEAST_BYTES));
      await sleep(IDLE_MS / 8);
    }
    expect(await hungUp).toMatch(/^HTTP\/1.1 201 /);
  });

  it('that asks nothing between two requests', async () => {
    const { socket } = open();
    const ask = async () => {
      const answer = new Promise<string>((resolve) => socket.once('data', resolve));
      socket.write('GET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n');
      return answer;
    };
    expect(await ask()).toMatch(/^HTTP\/1.1 200 /);
    await sleep(4 * IDLE_MS);
    expect(await ask()).toMatch(/^HTTP\/1.1 200 /);
  });
});

function connections(): Promise<number> {
  return new Promise((resolve, reject) =>
    app.server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );
}
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(20);
}
