import { connect, type Socket } from 'node:net';
import { requestOf } from './load.js';

const CONNECTIONS = 16;
const EVERY_MS = 2;

/**
 * Measures the latency of requests at a steady pace, in milliseconds, until a promise resolves. The time that a request
 * waits for a connection counts, so that a stalled server does not get fewer requests.
 */
export async function measurePace(
  port: number,
  path: string,
  body: string,
  until: Promise<unknown>,
): Promise<number[]> {
  const request = requestOf(path, body);
  const took: number[] = [];
  const waiting: number[] = [];
  const free: Socket[] = [];
  const sentAt = new Map<Socket, number>();
  const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => open(port)));
  const send = (): void => {
    while (free.length > 0 && waiting.length > 0) {
      const socket = free.pop()!;
      sentAt.set(socket, waiting.shift()!);
      socket.write(request);
    }
  };
  for (const socket of sockets) {
    free.push(socket);
    socket.on('data', () => {
      took.push(performance.now() - sentAt.get(socket)!);
      free.push(socket);
      send();
    });
  }
  const started = performance.now();
  let sent = 0;
  const pacing = setInterval(() => {
    for (; started + sent * EVERY_MS <= performance.now(); sent++) {
      waiting.push(performance.now());
      send();
    }
  }, 1);
  await until;
  clearInterval(pacing);
  for (const socket of sockets) socket.destroy();
  return took;
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.setNoDelay(true);
    socket.on('error', reject);
  });
}
