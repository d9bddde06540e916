import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { LapidaryError } from '../../src/core/errors.js';
import { PlacingWorker } from '../../src/jobs/placing-worker.js';
import type { Job, JobHandler } from '../../src/jobs/port.js';
import { newJobs } from '../support/jobs.js';

const OPTIONS = { leaseMs: 9000, maxAttempts: 3 };

let jobs: Awaited<ReturnType<typeof newJobs>>;
beforeEach(async () => {
  jobs = await newJobs();
});
afterEach(() => jobs.remove());

/** Jobs whose order is "large" are placed elsewhere. */
function newPlacing(place?: (job: Job) => Promise<'here' | 'elsewhere'>) {
  const placed: string[] = [];
  const done: string[] = [];
  const training: JobHandler = async ({ id }) => void done.push(id);
  const placing = new PlacingWorker(
    jobs.store,
    jobs.newWorker({ training }),
    {
      place:
        place ??
        (async ({ id, order }) => {
          if (order !== 'large') return 'here';
          placed.push(id);
          return 'elsewhere';
        }),
    },
    { ...OPTIONS, now: jobs.now, signals: jobs.signals },
  );
  return { placing, placed, done };
}

it('does small jobs, and leaves large ones queued for those who do them', async () => {
  const [large, small] = [await jobs.submit({ order: 'large' }), await jobs.submit()];
  const { placing, placed, done } = newPlacing();
  expect(await placing.runNext()).toMatchObject({ id: small.id });
  expect(await placing.run(large.id)).toBeUndefined();
  expect(await placing.runNext()).toBeUndefined();
  expect(done).toEqual([small.id]);
  expect(new Set(placed)).toEqual(new Set([large.id]));
  expect(await jobs.store.read(large.id)).toMatchObject({ state: 'queued', attempts: 0 });
});

it('keeps to the order of a lane, wherever its jobs are done', async () => {
  const large = await jobs.submit({ order: 'large', lane: 'nuts' });
  const small = await jobs.submit({ lane: 'nuts' });
  const { placing, done } = newPlacing();
  expect(await placing.run(small.id)).toBeUndefined();
  expect(await placing.runNext()).toBeUndefined();
  await jobs.service.cancel(large.id);
  expect(await placing.run(small.id)).toMatchObject({ id: small.id });
  expect(done).toEqual([small.id]);
});

it('does not place a running job, but one that its worker left', async () => {
  const large = await jobs.submit({ order: 'large' });
  const { placing, placed } = newPlacing();
  const elsewhere = jobs.newWorker({
    training: async () => {
      await placing.runNext();
      await placing.run(large.id);
    },
  });
  await elsewhere.run(large.id);
  expect(placed).toEqual([]);

  const left = await jobs.submit({ order: 'large' });
  await jobs.store.replace({ ...left, state: 'running', attempts: 1, revision: 1 });
  await placing.runNext();
  expect(placed).toEqual([left.id]);
});

it('ends here what is not to be done anywhere', async () => {
  const left = await jobs.submit({ order: 'large' });
  await jobs.store.replace({ ...left, state: 'running', attempts: 3, revision: 1 });
  const { placing, placed } = newPlacing();
  await placing.runNext();
  expect(await jobs.store.read(left.id)).toMatchObject({ state: 'failed' });
  expect(placed).toEqual([]);
});

it('fails a job whose place came to nothing', async () => {
  const { id } = await jobs.submit();
  const { placing, done } = newPlacing(() =>
    Promise.reject(new LapidaryError('job_abandoned', 'no machine was left')),
  );
  expect(await placing.runNext()).toBeUndefined();
  expect(await jobs.store.read(id)).toMatchObject({
    state: 'failed',
    endedAt: expect.any(String),
    error: { code: 'job_abandoned', detail: 'no machine was left' },
  });
  expect(done).toEqual([]);
});

it('leaves a job as it is when its place cannot be asked for now, and does the next', async () => {
  const [job, next] = [await jobs.submit(), await jobs.submit()];
  const { placing } = newPlacing(async ({ id }) => {
    if (id === job.id) throw new Error('throttled');
    return 'here';
  });
  expect(await placing.runNext()).toMatchObject({ id: next.id });
  expect(await jobs.store.read(job.id)).toEqual(job);
  expect(jobs.errors).toEqual([new Error('throttled')]);
  expect(await newPlacing().placing.runNext()).toMatchObject({ id: job.id });
});
