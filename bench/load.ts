import { connect, type Socket } from 'node:net';

const CONNECTIONS = 16;
const ANSWERED = Buffer.from('HTTP/1.1 200');

/**
 * Measures responses per second to one request that is repeated over kept connections. Only status lines are checked,
 * since a client that parses responses would be slower than the server.
 */
export async function measureLoad(
  port: number,
  path: string,
  body: string,
  milliseconds: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<number> {
  const request = requestOf(path, body, headers);
  let answers = 0;
  let ended = false;
  const sockets = Array.from({ length: CONNECTIONS }, () => connect(port, '127.0.0.1'));
  const failure = new Promise<never>((_, reject) => {
    for (const socket of sockets) {
      socket.setNoDelay(true);
      socket.on('error', reject);
      socket.on('connect', () => socket.write(request));
      socket.on('data', (chunk) => {
        if (!chunk.subarray(0, ANSWERED.length).equals(ANSWERED)) {
          reject(new Error(`unexpected answer: ${chunk.toString().slice(0, 300)}`));
        }
        answers++;
        if (!ended) socket.write(request);
      });
    }
  });
  // Waking an idle client costs the server about 20 us per request, less for a fast server, whose client is seldom idle;
  // so the client never sleeps.
  const stayAwake = (): void => {
    if (!ended) setImmediate(stayAwake);
  };
  stayAwake();
  const started = performance.now();
  await Promise.race([failure, new Promise((resolve) => setTimeout(resolve, milliseconds))]);
  const seconds = (performance.now() - started) / 1000;
  ended = true;
  for (const socket of sockets) endQuietly(socket);
  return answers / seconds;
}

/** Returns the bytes of a request. */
export function requestOf(
  path: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Buffer {
  const more = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${more.join('')}\r\n${body}`,
  );
}

function endQuietly(socket: Socket): void {
  socket.removeAllListeners('error');
  socket.on('error', () => {});
  socket.destroy();
}
