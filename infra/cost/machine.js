// @ts-check
// What a measurement is made of: times, memory, and the machine.
import { readFileSync } from 'node:fs';
import { arch, cpus, totalmem, type } from 'node:os';

/**
 * The mean of each twentieth of the times, from the quickest to the slowest: each call is billed by whole
 * milliseconds, so their mean alone would not do.
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
 * The kind of machine, and nothing that would tell which.
 * @param {string} client where AWS' runtime client is
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
