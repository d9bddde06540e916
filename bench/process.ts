import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Runs a built script.
 * @returns its duration and its peak memory; 0 if the system does not report it
 */
export async function runScript(
  script: string,
  options: readonly string[],
  env: Readonly<Record<string, string>> = {},
) {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const started = performance.now();
  const child = spawn(process.execPath, [path, ...options], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let peakMegabytes = 0;
  const watching = setInterval(() => {
    peakMegabytes = Math.max(peakMegabytes, residentMegabytes(child.pid!));
  }, 20);
  let told = '';
  child.stderr.on('data', (text) => {
    told += text;
  });
  const [code] = await once(child, 'close');
  clearInterval(watching);
  if (code !== 0) throw new Error(told);
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
