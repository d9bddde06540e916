import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Returns the path of a file, relative to the built benches. */
export function pathOf(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

/** Runs a measurement in a temporary directory. */
export async function inScratch<Result>(
  measure: (directory: string) => Promise<Result>,
): Promise<Result> {
  const directory = mkdtempSync(join(tmpdir(), 'lapidary-bench-'));
  try {
    return await measure(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/**
 * Runs a built script to its end.
 * @returns its duration and its peak memory; 0 if the system does not report it
 */
export async function runScript(
  script: string,
  options: readonly string[],
  env: Readonly<Record<string, string>> = {},
) {
  const started = performance.now();
  const child = spawn(process.execPath, [pathOf(script), ...options], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let peakMegabytes = 0;
  const watching = setInterval(() => {
    peakMegabytes = Math.max(peakMegabytes, residentMegabytes(child.pid!));
  }, 20);
  let output = '';
  child.stderr.on('data', (text) => {
    output += text;
  });
  const [code] = await once(child, 'close');
  clearInterval(watching);
  if (code !== 0) throw new Error(output);
  return { seconds: (performance.now() - started) / 1000, peakMegabytes };
}

function residentMegabytes(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
