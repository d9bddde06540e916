import { setTimeout as sleep } from 'node:timers/promises';
import type { SingleBar } from 'cli-progress';
import { isOpen, type Job } from '../../jobs/port.js';
import type { JobService } from '../../jobs/service.js';
import { printJob, stateOf } from './job.js';
import { note } from './output.js';
import { newBars } from './progress.js';

/** Milliseconds between two reads of a job. */
const POLL_MS = 500;
/** Minimum milliseconds between two log lines. */
const LINE_MS = 5000;

/**
 * Waits until jobs end, and prints them.
 * @param ids of the jobs; empty for all open jobs @param options.timeout in seconds; unlimited by default
 * @returns the exit code: 0 if all succeeded, 1 if one failed, 3 if one was cancelled or is still open
 */
export async function waitForJobs(
  jobs: JobService,
  ids: readonly string[],
  { timeout = Number.POSITIVE_INFINITY, json }: { timeout?: number; json: boolean },
): Promise<number> {
  const names = ids.length > 0 ? ids : (await jobs.listOpen()).map(({ id }) => id);
  if (names.length === 0) note('No job is queued or running.');
  const until = performance.now() + timeout * 1000;
  const show = process.stderr.isTTY ? barOf() : linesOf();
  const ended: Job[] = [];
  try {
    for (const id of names) ended.push(await waitForOne(jobs, id, until, show));
  } finally {
    show.stop();
  }
  for (const job of ended) printJob(job, json);
  if (ended.some(({ state }) => state === 'failed')) return 1;
  return ended.every(({ state }) => state === 'succeeded') ? 0 : 3;
}

async function waitForOne(jobs: JobService, id: string, until: number, show: Shown): Promise<Job> {
  for (;;) {
    const job = await jobs.get(id);
    show.update(job);
    if (!isOpen(job) || performance.now() >= until) return job;
    await sleep(Math.min(POLL_MS, until - performance.now()));
  }
}

interface Shown {
  update(job: Job): void;
  stop(): void;
}

function barOf(): Shown {
  const bars = newBars('{id} |{bar}| {what}', true);
  const byId = new Map<string, SingleBar>();
  return {
    update(job) {
      const bar = byId.get(job.id) ?? bars.create(1, 0);
      byId.set(job.id, bar);
      const fraction = isOpen(job) ? (job.progress?.fraction ?? 0) : 1;
      bar.update(fraction, { id: job.id, what: whatOf(job) });
    },
    stop: () => bars.stop(),
  };
}

/** Prints a line when a job's state changes, and one every few seconds. */
function linesOf(): Shown {
  let next = 0;
  let last = '';
  return {
    update(job) {
      const state = `${job.id} ${job.state}`;
      if (state === last && performance.now() < next) return;
      next = performance.now() + LINE_MS;
      last = state;
      note(`${job.id}: ${whatOf(job)}`);
    },
    stop() {},
  };
}

function whatOf(job: Job): string {
  if (job.state === 'queued') return 'queued until a server or "lapidary worker" runs it';
  const phase = job.state === 'running' ? job.progress?.phase : undefined;
  return phase === undefined ? stateOf(job) : `${stateOf(job)}: ${phase}`;
}
