import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { built } from './built.js';

/** The built application: what a user and the image run. */
export const MAIN = await built('main.js');

/** How a command ended and what it wrote. */
export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

/**
 * The built application running with these arguments, as a user runs it.
 * @param installed where it runs: the repository, unless it is installed elsewhere
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
  /** Resolves with the first match in what it has written; rejects when it ends without one. */
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

/** How many files this process has open, where that can be told. */
export function openFiles(): number {
  return existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0;
}

/** What a worker beside the server writes once it is there. */
export const WORKER_READY = /"pid":(\d+),"host":"worker","msg":"the worker looks for jobs"/;

/** Kills the process beside a server that was started last; it may be dead already, or never have been. */
export function killWorker({ written }: { written: { stdout: string } }): void {
  const pid = [...written.stdout.matchAll(new RegExp(WORKER_READY, 'g'))].at(-1)?.[1];
  if (pid === undefined) return;
  try {
    process.kill(Number(pid), 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
