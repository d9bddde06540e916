import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { INSTANCE } from './instance.js';
import { measureLoad } from './load.js';
import { compare } from './statistics.js';

const ROUNDS = 7;
const ROUND_MS = 1500;
export const PATH = '/models/diamonds/predictions';

/** Predictions a second of the server against answers a second of a bare Fastify echo. */
export async function benchHttp(rows: number, logLevel: 'info' | 'silent') {
  const body = JSON.stringify({ instances: Array.from({ length: rows }, () => INSTANCE) });
  const api = await startServer(['../main.js', 'serve'], logLevel);
  const echo = await startServer(['./echo-server.js'], logLevel);
  try {
    const { first, second, ratio } = await compare(
      ROUNDS,
      () => measureLoad(api.port, PATH, body, ROUND_MS),
      () => measureLoad(echo.port, PATH, body, ROUND_MS),
    );
    return {
      rows,
      logLevel,
      requestsPerSecond: Math.round(first),
      echoPerSecond: Math.round(second),
      ratio,
    };
  } finally {
    await Promise.all([api.stop(), echo.stop()]);
  }
}

export async function startServer(
  [script, ...options]: readonly string[],
  logLevel: string,
  env: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = {},
) {
  const port = await freePort();
  const path = fileURLToPath(new URL(script!, import.meta.url));
  const child = spawn(process.execPath, [path, ...options], {
    env: {
      ...process.env,
      PORT: String(port),
      LOG_LEVEL: logLevel,
      NODE_ENV: 'production',
      ...env,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const body = JSON.stringify({ instances: [INSTANCE] });
  const sent = { 'content-type': 'application/json', ...headers };
  for (let attempt = 0; ; attempt++) {
    const answer = await fetch(`http://127.0.0.1:${port}${PATH}`, {
      method: 'POST',
      body,
      headers: sent,
    }).catch(() => null);
    if (answer?.status === 200) break;
    if (attempt === 100) throw new Error(`${path} does not answer`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const stop = (): Promise<unknown> => {
    child.kill();
    return once(child, 'close');
  };
  return { port, stop };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
