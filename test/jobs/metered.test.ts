import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Type } from 'typebox';
import { LapidaryError } from '../../src/core/errors.js';
import { BY_ROWS, BY_SECONDS, type JobUsage, meteredHandlers } from '../../src/jobs/metered.js';
import type { JobHandler } from '../../src/jobs/port.js';
import { newJobs } from '../support/jobs.js';

let jobs: Awaited<ReturnType<typeof newJobs>>;
beforeEach(async () => {
  jobs = await newJobs();
});
afterEach(() => jobs.remove());

/** Has acme's job done where so much is left, and answers what became of it and what was counted. */
async function run(
  kind: 'training' | 'batch-prediction',
  handler: JobHandler,
  left: Partial<Awaited<ReturnType<JobUsage['left']>>> = {},
  client = 'acme',
) {
  const counted: [string, number][] = [];
  const usage: JobUsage = {
    left: async () => ({ predictions: null, trainingSeconds: null, ...left }),
    count: async ({ id, attempts }, unit, amount) =>
      void counted.push([unit === 'predictions' ? id : `${attempts}`, amount]),
  };
  const meter = kind === 'training' ? BY_SECONDS : BY_ROWS;
  const row = { kind, order: Type.Object({}), meter, restartable: false, handle: handler };
  const handlers = meteredHandlers([row], async () => usage, jobs.now);
  const request = { kind, model: 'nuts', order: {} };
  const { id } = await jobs.serviceOf(client).submit(request);
  await jobs.newWorker(handlers).runNext();
  return { id, job: await jobs.serviceOf(client).get(id), counted };
}

const takes = (milliseconds: number, result: unknown = {}): JobHandler => {
  return async () => {
    jobs.pass(milliseconds);
    return result;
  };
};
const fails = (error: unknown): JobHandler => {
  return async () => {
    jobs.pass(2000);
    throw error;
  };
};

describe('a training', () => {
  it('is counted before it has ended, attempt by attempt', async () => {
    const { job, counted } = await run('training', takes(2500));
    expect([job.state, counted]).toEqual(['succeeded', [['1', 2.5]]]);
  });

  it('is counted when it cannot be done, and not when we broke it', async () => {
    const refused = await run('training', fails(new LapidaryError('invalid_dataset', 'no rows')));
    expect([refused.job.state, refused.counted]).toEqual(['failed', [['1', 2]]]);
    const broken = await run('training', fails(new Error('broken')));
    expect([broken.job.error?.code, broken.counted]).toEqual(['internal', []]);
  });

  it('is not begun when nothing is left, and stopped when nothing is left any more', async () => {
    const none = await run('training', takes(1), { trainingSeconds: 0 });
    expect([none.job.error?.code, none.counted]).toEqual(['quota_exceeded', []]);
    const endless: JobHandler = (_job, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          jobs.pass(100);
          reject(signal.reason);
        });
      });
    const stopped = await run('training', endless, { trainingSeconds: 0.05 });
    expect([stopped.job.error?.code, stopped.counted]).toEqual(['quota_exceeded', [['1', 0.1]]]);
  });

  it('of the operator is not charged', async () => {
    const { job, counted } = await run('training', takes(1), { trainingSeconds: 0 }, '');
    expect([job.state, counted]).toEqual(['succeeded', []]);
  });
});

describe('a batch prediction', () => {
  it('is counted once, by its rows, and knows how many are left', async () => {
    let most: number | undefined;
    const handler: JobHandler = async (_job, context) => {
      most = context.maximumRows;
      return { rows: 7 };
    };
    const { id, job, counted } = await run('batch-prediction', handler, { predictions: 9 });
    expect([job.state, most, counted]).toEqual(['succeeded', 9, [[id, 7]]]);
    await run('batch-prediction', handler);
    expect(most).toBeUndefined();
  });

  it('that fails costs nothing', async () => {
    const { job, counted } = await run('batch-prediction', fails(new Error('broken')));
    expect([job.state, counted]).toEqual(['failed', []]);
  });
});
