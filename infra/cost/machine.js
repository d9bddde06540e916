// @ts-check
// Parts of a measurement: times, memory, and the machine.
import { readFileSync } from 'node:fs';
import { arch, cpus, totalmem, type } from 'node:os';

/**
 * Returns the mean of each twentieth of the times, from the fastest to the slowest. Calls are billed by whole
 * milliseconds, so one mean would be too low.
 * @param {number[]} times
 */
export function twentieths(times) {
  const sorted = times.toSorted((a, b) => a - b);
  const size = sorted.length / 20;
  return Array.from({ length: 20 }, (_, i) =>
    Math.ceil(mean(sorted.slice(i * size, (i + 1) * size))),
  );
}

/** @param {number[]} values */
export function mean(values) {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

/** @param {number} pid */
export function peakMegabytes(pid) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Math.ceil(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
  } catch {
    return 0;
  }
}

/**
 * Returns the kind of machine, without identifying it.
 * @param {string} client directory of AWS' runtime client
 */
export function machine(client) {
  const { version } = JSON.parse(readFileSync(`${client}package.json`, 'utf8'));
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${arch()}`,
    node: process.version,
    runtimeClient: `aws-lambda-ric ${version}`,
  };
}
