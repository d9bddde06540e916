import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addressOf, parseRange } from '../../src/http/protect/addresses.js';
import { DIAMOND, testApp } from '../support/app.js';
import { guardedApp } from '../support/keys.js';

const KIB = 1024;
const shares = {
  requests: 3,
  bytes: { client: 1000 * KIB, all: 1500 * KIB },
  proxies: [parseRange('127.0.0.0/8')],
};
const { app } = testApp({ shares, limits: { bodyBytes: 1000 * KIB, maxInstances: 10 } });
const guarded = await guardedApp({}, { shares });
await guarded.dependencies.access!().then(async ({ keys }) => {
  await keys.createClient({ id: 'other', name: 'Other', plan: 'unlimited' });
});
const { key: otherKey } = await (await guarded.dependencies.access!()).keys.createKey('other', [
  'predict',
]);
const ports = { open: 0, guarded: 0 };
const sockets: Socket[] = [];
beforeAll(async () => {
  for (const [name, each] of [
    ['open', app],
    ['guarded', guarded.app],
  ] as const)
    ports[name] = Number(new URL(await each.listen({ port: 0, host: '127.0.0.1' })).port);
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await app.close();
  await guarded.remove();
});

const BODY = JSON.stringify({ instances: [DIAMOND] });
type Headers = Record<string, string>;

/** Begins a request whose body does not end, and waits until the server is at it. */
async function begin(port: number, headers: Headers, length = 1000): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  const lines = Object.entries({ ...headers, 'content-length': length });
  socket.on('error', () => undefined);
  socket.write(
    `POST /models/diamonds/predictions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nexpect: 100-continue\r\n${lines
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')}\r\n{`,
  );
  await new Promise((resolve) => socket.once('data', resolve));
  return socket;
}
async function predict(port: number, headers: Headers, body: string | Buffer = BODY) {
  const answer = await fetch(`http://127.0.0.1:${port}/models/diamonds/predictions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  const { code, detail } = (await answer.json()) as { code?: string; detail?: string };
  return { status: answer.status, code, detail, retryAfter: answer.headers.get('retry-after') };
}
/** Waits until a client is answered so: that a client has hung up is seen a little later. */
async function until(status: number, port: number, headers: Headers, body?: string) {
  for (;;) {
    const answer = await predict(port, headers, body);
    if (answer.status === status) return answer;
    await sleep(10);
  }
}

describe('one client', () => {
  it.each([
    [
      'by its key',
      () => ports.guarded,
      { authorization: `Bearer ${guarded.key}` },
      { authorization: `Bearer ${otherKey}` },
    ],
    [
      'by its address, where there are no keys',
      () => ports.open,
      { 'x-forwarded-for': '1.2.3.4, 203.0.113.7' },
      { 'x-forwarded-for': '1.2.3.4, 203.0.113.8' },
    ],
  ])('takes up its share of the requests and no more: %s', async (_what, port, own, other) => {
    expect((await predict(port(), own as Headers)).status).toBe(200);
    const open: Socket[] = [];
    for (let i = 0; i < 3; i++) open.push(await begin(port(), own as Headers));
    expect(await predict(port(), own as Headers)).toMatchObject({
      code: 'share_exceeded',
      detail: 'this client has 3 open requests; at most 3 are allowed',
      retryAfter: '1',
    });
    expect((await predict(port(), other as Headers)).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${port()}/health/live`)).status).toBe(200);
    for (const socket of open) socket.destroy();
    await until(200, port(), own as Headers);
  });

  it('is not distinguished by a private address', async () => {
    const own = { 'x-forwarded-for': '10.1.2.3' };
    const open: Socket[] = [];
    for (let i = 0; i < 4; i++) open.push(await begin(ports.open, own));
    expect((await predict(ports.open, own)).status).toBe(200);
    for (const socket of open) socket.destroy();
  });

  it('takes up its share of the memory and no more, and all take up what there is', async () => {
    const [one, two] = ['203.0.113.9', '203.0.113.10'].map((ip) => ({ 'x-forwarded-for': ip }));
    const large = `${BODY}${' '.repeat(200 * KIB)}`;
    const open = [await begin(ports.open, one!, 900 * KIB)];
    expect(await predict(ports.open, one!, large)).toMatchObject({
      code: 'share_exceeded',
      detail: expect.stringContaining('would exceed 1024000 bytes'),
    });
    expect((await predict(ports.open, one!)).status).toBe(200);
    // What comes in chunks, or packed, is counted as it comes.
    const packed = await predict(
      ports.open,
      { ...one!, 'content-encoding': 'gzip' },
      gzipSync(large),
    );
    expect([packed.status, packed.code]).toEqual([429, 'share_exceeded']);
    expect((await predict(ports.open, two!, large)).status).toBe(200);
    open.push(await begin(ports.open, two!, 500 * KIB));
    expect(await predict(ports.open, two!, large)).toMatchObject({ code: 'overloaded' });
    for (const socket of open) socket.destroy();
    await until(200, ports.open, one!, large);
  });
});

it('refuses a body for its size before it asks what else is held', async () => {
  const socket = connect(ports.open, '127.0.0.1');
  sockets.push(socket);
  socket.write(
    'POST /models/diamonds/predictions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 10000000000\r\n\r\n',
  );
  const answer = String(await new Promise((resolve) => socket.once('data', resolve)));
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  expect(answer).toContain('"code":"payload_too_large"');
});

describe('the address of a client', () => {
  const behind = (...proxies: string[]) => {
    const of = addressOf(proxies.map(parseRange));
    return (peer: string, forwarded?: string) =>
      of({
        socket: { remoteAddress: peer },
        headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
      } as never);
  };

  it.each([
    ['203.0.113.7', undefined, '203.0.113.7'],
    ['::ffff:203.0.113.7', undefined, '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', undefined, '2001:db8:1:2::/64'],
    // Anybody can write that header.
    ['203.0.113.7', '198.51.100.1', '203.0.113.7'],
    ['127.0.0.1', '198.51.100.1', undefined],
    ['10.0.0.1', '198.51.100.1', undefined],
    ['192.168.1.1', undefined, undefined],
    ['fd00::1', undefined, undefined],
    ['', undefined, undefined],
  ])('without proxies: %s, forwarded for %s, is %s', (peer, forwarded, expected) => {
    expect(behind()(peer, forwarded)).toBe(expected);
  });

  it.each([
    ['10.0.0.1', '198.51.100.1, 203.0.113.7', '203.0.113.7'],
    ['10.0.0.1', '198.51.100.1,203.0.113.7, 10.9.9.9', '203.0.113.7'],
    ['::ffff:10.0.0.1', '203.0.113.7:4711', '203.0.113.7'],
    ['fd00::5', '[2001:db8::7]:4711', '2001:db8:0:0::/64'],
    ['10.0.0.1', 'nonsense', undefined],
    ['10.0.0.1', '10.2.2.2', undefined],
    ['10.0.0.1', undefined, undefined],
    ['203.0.113.9', '198.51.100.1', '203.0.113.9'],
  ])('behind proxies: %s, forwarded for %s, is %s', (peer, forwarded, expected) => {
    expect(behind('10.0.0.0/8', 'fd00::5')(peer, forwarded)).toBe(expected);
  });
});
