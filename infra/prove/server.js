// The built application, as a process that can be killed.
import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';

const MAIN = 'dist/main.js';
const WORKER = /"pid":(\d+),"host":"worker"/g;

/** Runs a command, and resolves with its output. */
export async function run(env, ...args) {
  const options = { env: { ...process.env, ...env } };
  return (await promisify(execFile)(process.execPath, [MAIN, ...args], options)).stdout;
}

/** Starts the server on a free port. @param onDeath called if it exits without being killed */
export async function startServer(env, onDeath) {
  const child = spawn(process.execPath, [MAIN, 'serve'], {
    env: { ...process.env, ...env, PORT: '0', LOG_FORMAT: 'json', LOG_LEVEL: 'info' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let isKilled = false;
  const ended = new Promise((resolve) =>
    child.once('exit', (code, signal) => {
      if (!isKilled) onDeath(`the server exited by itself: ${signal ?? code}`);
      resolve();
    }),
  );
  const workers = new Set();
  const url = await new Promise((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text) => {
      for (const [, pid] of text.matchAll(WORKER)) workers.add(Number(pid));
      const listening = /listening at (http:\/\/[^"]+)/.exec(text);
      if (listening) resolve(listening[1]);
    });
    child.once('exit', (code) => reject(new Error(`the server exited with ${code}`)));
  });
  const kill = async () => {
    isKilled = true;
    child.kill('SIGKILL');
    for (const worker of workers) {
      try {
        process.kill(worker, 'SIGKILL');
      } catch {
        // It has exited already.
      }
    }
    await ended;
  };
  return { url, kill, pids: () => [child.pid, ...workers] };
}
