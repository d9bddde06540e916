import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LapidaryError } from '../../src/core/errors.js';
import { PlacingWorker } from '../../src/jobs/placing-worker.js';
import type { Job } from '../../src/jobs/port.js';
import { watchFailures } from '../../src/jobs/watched-store.js';
import { JobWorker } from '../../src/jobs/worker.js';
import { newJobs } from '../support/jobs.js';

const OPTIONS = { leaseMs: 60_000, maxAttempts: 1 };

describe('a failed job is reported once, where', () => {
  let jobs: Awaited<ReturnType<typeof newJobs>>;
  beforeAll(async () => {
    jobs = await newJobs();
  });
  afterAll(() => jobs.remove());

  const failed: Job[] = [];
  const store = () => watchFailures(jobs.store, (job) => failed.push(job));
  const worker = (training: () => Promise<unknown>) =>
    new JobWorker(store(), { training }, OPTIONS);
  const refuse = () => Promise.reject(new LapidaryError('version_corrupt', 'not the same'));
  const placement = { place: refuse };

  it.each<[string, (id: string) => Promise<unknown>, string]>([
    ['its input was at fault', (id) => worker(refuse).run(id), 'version_corrupt'],
    [
      'something broke',
      (id) => worker(() => Promise.reject(new Error('broken'))).run(id),
      'internal',
    ],
    [
      'it could not be placed',
      (id) => new PlacingWorker(store(), worker(refuse), placement, OPTIONS).run(id),
      'version_corrupt',
    ],
    [
      'its workers died',
      async (id) => {
        const { revision, ...job } = (await jobs.store.read(id))!;
        await jobs.store.replace({ ...job, attempts: 1, revision: revision + 1 });
        return worker(refuse).run(id);
      },
      'job_abandoned',
    ],
  ])('%s', async (_how, run, code) => {
    const { id } = await jobs.submit({});
    failed.length = 0;
    await run(id);
    expect(failed).toEqual([
      expect.objectContaining({ id, error: expect.objectContaining({ code }) }),
    ]);
  });

  it('and not where it succeeded', async () => {
    const { id } = await jobs.submit({});
    failed.length = 0;
    await worker(async () => 'done').run(id);
    expect(failed).toEqual([]);
    expect((await jobs.store.read(id))!.state).toBe('succeeded');
  });
});
