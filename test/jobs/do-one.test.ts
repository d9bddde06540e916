import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { doOne } from '../../src/jobs/do-one.js';
import type { JobHandler } from '../../src/jobs/port.js';
import { heldHandler, newJobs } from '../support/jobs.js';

const LEASE_MS = 9000;

let jobs: Awaited<ReturnType<typeof newJobs>>;
beforeEach(async () => {
  jobs = await newJobs();
});
afterEach(() => jobs.remove());

/** Does a job; each wait does what is told, and takes a third of a lease. */
function doing(id: string, during: () => unknown = () => {}, stop = new AbortController().signal) {
  const done: string[] = [];
  const training: JobHandler = async (job) => void done.push(job.id);
  let waits = 0;
  const wait = async () => {
    waits++;
    jobs.pass(LEASE_MS / 3);
    await during();
  };
  const worker = jobs.newWorker({ training });
  const one = { worker, jobs: jobs.service, leaseMs: LEASE_MS, wait, stop, now: jobs.now };
  return { job: doOne(id, one), done, waits: () => waits };
}

const hold = (lane: string) =>
  jobs.store.takeLane(lane, { holder: 'h', expiresAt: jobs.now() + LEASE_MS }, jobs.now());

it('does that job and no other', async () => {
  const [, { id }] = [await jobs.submit(), await jobs.submit()];
  const { job, done, waits } = doing(id);
  expect(await job).toMatchObject({ id, state: 'succeeded', attempts: 1 });
  expect([done, waits()]).toEqual([[id], 0]);
});

it('leaves an ended job unchanged, and reports an unknown job', async () => {
  const { id } = await jobs.submit();
  await jobs.service.cancel(id);
  const { job, done } = doing(id);
  expect(await job).toMatchObject({ state: 'cancelled', attempts: 0 });
  expect(done).toEqual([]);
  const none = doing('00000000-0000-7000-8000-000000000000');
  await expect(none.job).rejects.toMatchObject({ code: 'job_not_found' });
});

it('waits as long as another job has the lane', async () => {
  const { id } = await jobs.submit({ lane: 'nuts' });
  let held = 12;
  await hold('nuts');
  const { job, done, waits } = doing(id, () => held-- > 0 && hold('nuts'));
  expect(await job).toMatchObject({ state: 'succeeded' });
  expect(done).toEqual([id]);
  expect(waits()).toBeGreaterThan(12);
});

it('takes up a job whose worker died, once its lease has expired', async () => {
  const { id } = await jobs.submit();
  const { handler, called } = heldHandler();
  void jobs.newWorker({ training: handler }).run(id);
  await called();
  const { job, done } = doing(id);
  expect(await job).toMatchObject({ state: 'succeeded', attempts: 2 });
  expect(done).toEqual([id]);
});

it('leaves a job to another that lives', async () => {
  const { id } = await jobs.submit();
  const { handler, called } = heldHandler();
  const other = jobs.newWorker({ training: handler }).run(id);
  const call = await called();
  const beat = async () => {
    const { revision } = await jobs.service.get(id);
    call.context.progress({ phase: 'training', fraction: 0.5 - revision / 1000 });
    jobs.beat();
    // Reading alone never lets the loop turn, and what is written would wait for that.
    while ((await jobs.service.get(id)).revision === revision)
      await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const { job, done } = doing(id, beat);
  expect(await job).toMatchObject({ state: 'running', attempts: 1 });
  expect(done).toEqual([]);
  call.resolve('done');
  await other;
  expect(await jobs.service.get(id)).toMatchObject({ state: 'succeeded', attempts: 1 });
});

it('stops waiting when it is aborted, and begins nothing', async () => {
  const { id } = await jobs.submit({ lane: 'nuts' });
  await hold('nuts');
  const stop = new AbortController();
  const { job, done, waits } = doing(id, () => stop.abort(), stop.signal);
  expect(await job).toMatchObject({ state: 'queued', attempts: 0 });
  expect([done, waits()]).toEqual([[], 1]);
});
