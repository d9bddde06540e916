import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { INSTANCE } from './instance.js';
import { pathOf } from './process.js';

/** The path of predictions of diamonds. */
export const PATH = '/models/diamonds/predictions';
export const ONE_ROW = JSON.stringify({ instances: [INSTANCE] });

/** Starts a built server and waits until it predicts. */
export async function startServer(
  [script, ...options]: readonly string[],
  env: Readonly<Record<string, string>>,
) {
  const port = await freePort();
  const path = pathOf(script!);
  const child = spawn(process.execPath, [path, ...options], {
    env: { ...process.env, PORT: String(port), NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const closed = once(child, 'close');
  for (let attempt = 0; ; attempt++) {
    const answer = await fetch(`http://127.0.0.1:${port}${PATH}`, {
      method: 'POST',
      body: ONE_ROW,
      headers: { 'content-type': 'application/json' },
    }).catch(() => null);
    if (answer?.status === 200) break;
    if (attempt === 100) throw new Error(`${path} does not respond`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    port,
    pid: child.pid!,
    stop: async () => {
      child.kill();
      await closed;
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
