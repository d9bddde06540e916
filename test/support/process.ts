import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { built } from './built.js';

/** The built application, which users and the image run. */
export const MAIN = await built('main.js');

/** Exit code and output of a command. */
export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

/**
 * A process of the built application with these arguments.
 * @param installed the directory of the application, by default the repository
 */
export function runMain(
  args: readonly string[],
  env: Record<string, string> = {},
  { main = MAIN, cwd }: { main?: string; cwd?: string } = {},
) {
  const child = spawn(process.execPath, [main, ...args], { cwd, env: { ...process.env, ...env } });
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      written[name] += text;
    });
  }
  const finished = new Promise<Finished>((resolve) => {
    child.on('close', (code) => resolve({ code, ...written }));
  });
  /** Resolves with the first match in its output; rejects if it exits without one. */
  const wrote = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(written.stdout);
        if (match) resolve(match);
      };
      child.stdout.on('data', look);
      child.on('close', () =>
        reject(new Error(`it ended without writing ${pattern}: ${written.stderr}`)),
      );
      look();
    });
  return { child, written, finished, wrote };
}

/** The server on a free port. */
export async function startServer(env: Record<string, string> = {}) {
  const run = runMain(['serve'], { PORT: '0', ...env });
  const [, url] = await run.wrote(/listening at (http:\/\/[^"]+)/);
  return { ...run, url: url! };
}

/** The number of open files of this process, if the system reports it. */
export function openFiles(): number {
  return existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0;
}

/** Matches the log line of a worker that has started. */
export const WORKER_READY = /"pid":(\d+),"host":"worker","msg":"the worker waits for jobs"/;

/** Kills the worker that the server started last, if there is one. */
export function killWorker({ written }: { written: { stdout: string } }): void {
  const pid = [...written.stdout.matchAll(new RegExp(WORKER_READY, 'g'))].at(-1)?.[1];
  if (pid === undefined) return;
  try {
    process.kill(Number(pid), 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
