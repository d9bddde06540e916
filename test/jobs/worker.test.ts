import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LapidaryError } from '../../src/core/errors.js';
import type { JobStore } from '../../src/jobs/port.js';
import { heedSignal, heldHandler, newJobs } from '../support/jobs.js';

describe('a worker', () => {
  let jobs: Awaited<ReturnType<typeof newJobs>>;
  beforeEach(async () => {
    jobs = await newJobs();
  });
  afterEach(() => jobs.remove());
  const get = (id: string) => jobs.service.get(id);
  const messages = async (id: string) =>
    (await jobs.service.log(id, { limit: 100 })).items.map(({ message }) => message);
  const abandonedBy = async (id: string) => {
    // A worker that dies answers no more, and leaves everything as it is.
    const { handler, called } = heldHandler();
    const running = jobs.newWorker({ training: handler }).run(id);
    return { ...(await called()), running };
  };

  it('runs a job, and stores its reports and its result', async () => {
    const { id } = await jobs.submit({ order: { epochs: 2 } });
    const worker = jobs.newWorker({
      async training(job, context) {
        expect(job).toMatchObject({ id, state: 'running', attempts: 1, order: { epochs: 2 } });
        context.progress({ phase: 'reading', fraction: 0.1 });
        context.log('one');
        context.log('two');
        context.metrics({ loss: 0.5 });
        jobs.pass(50);
        context.progress({ phase: 'training', fraction: 0.9 });
        return { version: 'v1' };
      },
    });
    expect(await worker.runNext()).toMatchObject({ id, state: 'running' });
    const job = await get(id);
    expect(job).toMatchObject({
      state: 'succeeded',
      attempts: 1,
      progress: { phase: 'training', fraction: 0.9 },
      metrics: { loss: 0.5 },
      result: { version: 'v1' },
    });
    expect(Date.parse(job.endedAt!) - Date.parse(job.startedAt!)).toBe(50);
    expect(await messages(id)).toEqual(['one', 'two']);
    expect(await jobs.service.listOpen()).toEqual([]);
    expect(await worker.runNext()).toBeUndefined();
  });

  it('does a job of one kind while one of another goes on', async () => {
    const { id } = await jobs.submit();
    const prediction = await jobs.submit({ kind: 'batch-prediction', lane: 'predictions' });
    const { handler, called } = heldHandler();
    const worker = jobs.newWorker({ training: handler, 'batch-prediction': async () => 'rows' });
    const training = worker.runNext(undefined, 'training');
    const { resolve } = await called();
    expect(await worker.runNext(undefined, 'training')).toBeUndefined();
    expect(await worker.runNext(undefined, 'batch-prediction')).toMatchObject({
      id: prediction.id,
    });
    expect(await get(prediction.id)).toMatchObject({ state: 'succeeded', result: 'rows' });
    expect(await get(id)).toMatchObject({ state: 'running' });
    resolve('trained');
    await training;
  });

  it('stores the reports with each heartbeat', async () => {
    const { id } = await jobs.submit();
    const { handler, called } = heldHandler();
    const running = jobs.newWorker({ training: handler }).run(id);
    const { context, resolve } = await called();
    context.progress({ phase: 'training', fraction: 0.5 });
    context.log('half');
    expect((await get(id)).progress).toBeUndefined();
    jobs.beat();
    await eventually(async () => (await get(id)).progress?.fraction === 0.5);
    expect(await messages(id)).toEqual(['half']);
    const { revision } = await get(id);
    jobs.beat();
    resolve('done');
    await running;
    // The second beat had nothing to tell.
    expect(await get(id)).toMatchObject({ state: 'succeeded', revision: revision + 1 });
    expect(await messages(id)).toEqual(['half']);
  });

  it('fails a job with the error for its caller', async () => {
    const { id } = await jobs.submit();
    const worker = jobs.newWorker({
      async training() {
        throw new LapidaryError('invalid_dataset', 'there is no file nuts.csv');
      },
    });
    await worker.runNext();
    expect(await get(id)).toMatchObject({
      state: 'failed',
      error: { code: 'invalid_dataset', detail: 'there is no file nuts.csv' },
      endedAt: expect.any(String),
    });
    expect(jobs.errors).toEqual([]);
  });

  it('reports a bug to the operator, and not to the caller', async () => {
    const { id } = await jobs.submit();
    const bug = new TypeError('secret is not a function');
    await jobs.newWorker({ training: () => Promise.reject(bug) }).runNext();
    const job = await get(id);
    expect(job).toMatchObject({ state: 'failed', error: { code: 'internal' } });
    expect(JSON.stringify(job)).not.toContain('secret');
    expect(jobs.errors).toEqual([bug]);
  });

  it('cancels what it does', async () => {
    const { id } = await jobs.submit();
    const { handler, called } = heldHandler();
    const running = jobs.newWorker({ training: handler }).run(id);
    const call = await called();
    heedSignal(call);
    expect(await jobs.service.cancel(id)).toMatchObject({
      state: 'running',
      cancelRequested: true,
    });
    jobs.beat();
    await running;
    expect(await get(id)).toMatchObject({ state: 'cancelled', endedAt: expect.any(String) });
    expect(jobs.errors).toEqual([]);
  });

  it('keeps what came of a job that was done before it heard that it should stop', async () => {
    const { id } = await jobs.submit();
    const { handler, called } = heldHandler();
    const running = jobs.newWorker({ training: handler }).run(id);
    const { resolve } = await called();
    await jobs.service.cancel(id);
    resolve({ version: 'v1' });
    await running;
    const ended = await get(id);
    expect(ended).toMatchObject({ state: 'succeeded', result: { version: 'v1' } });
    expect(await jobs.service.cancel(id)).toEqual(ended);
  });

  it('takes up what another left when it died, and the other’s result counts no more', async () => {
    const { id } = await jobs.submit();
    const dead = await abandonedBy(id);
    const { handler, called } = heldHandler();
    const worker = jobs.newWorker({ training: handler });
    expect(await worker.runNext()).toBeUndefined();
    jobs.expireLeases();
    const running = worker.runNext();
    const { job, resolve } = await called();
    expect(job).toMatchObject({ id, attempts: 2 });

    dead.context.log('from the dead');
    jobs.beat();
    await eventually(async () => dead.context.signal.aborted);
    dead.resolve('first');
    await dead.running;
    expect(await get(id)).toMatchObject({ state: 'running', attempts: 2 });
    resolve('second');
    await running;
    expect(await get(id)).toMatchObject({ state: 'succeeded', result: 'second', attempts: 2 });
    expect(await messages(id)).toEqual([
      expect.stringMatching(/^restarted, attempt 2 of 3: .*memory/),
    ]);
  });

  it('whose lease expired unnoticed cannot end what another has ended', async () => {
    const { id } = await jobs.submit();
    const late = await abandonedBy(id);
    jobs.expireLeases();
    await jobs.newWorker({ training: async () => 'second' }).runNext();
    // The lane is free again, so that the late one even gets it.
    late.reject(new Error('too late'));
    await late.running;
    expect(await get(id)).toMatchObject({ state: 'succeeded', result: 'second' });
  });

  it('with an expired lease continues unless its job was taken', async () => {
    const { id } = await jobs.submit();
    const slow = await abandonedBy(id);
    jobs.expireLeases();
    slow.resolve('late, but first');
    await slow.running;
    expect(await get(id)).toMatchObject({ state: 'succeeded', result: 'late, but first' });
  });

  it('stays cancelled when its job is lost after that', async () => {
    const { id } = await jobs.submit();
    const { context, reject, running } = await abandonedBy(id);
    await jobs.service.cancel(id);
    jobs.beat();
    await eventually(async () => context.signal.aborted);
    jobs.expireLeases();
    expect(await jobs.newWorker({ training: async () => 'never' }).runNext()).toBeUndefined();
    const cancelled = await get(id);
    expect(cancelled.state).toBe('cancelled');
    reject(new Error('it was aborted'));
    await running;
    expect(await get(id)).toEqual(cancelled);
  });

  it('gives up a job whose workers died too often', async () => {
    const { id } = await jobs.submit();
    const worker = jobs.newWorker({ training: async () => 'never' });
    for (let death = 0; death < 3; death++) {
      await abandonedBy(id);
      jobs.expireLeases();
    }
    expect(await worker.runNext()).toBeUndefined();
    expect(await get(id)).toMatchObject({
      state: 'failed',
      attempts: 3,
      error: {
        code: 'job_abandoned',
        detail: expect.stringMatching(/^its worker died 3 times, .*memory/),
      },
    });
  });

  it('that is stopped gives its job back, as if it had not begun it', async () => {
    const { id } = await jobs.submit();
    const { handler, called } = heldHandler();
    const stop = new AbortController();
    const running = jobs.newWorker({ training: handler }).runNext(stop.signal);
    heedSignal(await called());
    stop.abort();
    await running;
    expect(await get(id)).toMatchObject({ state: 'queued', attempts: 0 });
    // At once: no lease has to expire.
    await jobs.newWorker({ training: async () => 'done' }).runNext();
    expect(await get(id)).toMatchObject({ state: 'succeeded', attempts: 1 });
  });

  it('that is stopped begins nothing more', async () => {
    const { id } = await jobs.submit();
    const worker = jobs.newWorker({ training: async () => 'never' });
    expect(await worker.runNext(AbortSignal.abort())).toBeUndefined();
    expect(await get(id)).toMatchObject({ state: 'queued', attempts: 0 });
  });

  it('that is stopped gives no job back that was cancelled', async () => {
    const { id } = await jobs.submit();
    const { handler, called } = heldHandler();
    const stop = new AbortController();
    const running = jobs.newWorker({ training: handler }).runNext(stop.signal);
    heedSignal(await called());
    await jobs.service.cancel(id);
    stop.abort();
    await running;
    expect((await get(id)).state).toBe('cancelled');
  });

  it('leaves alone what it has no handler for', async () => {
    const other = await jobs.submit({ kind: 'batch-prediction' });
    const job = await jobs.submit();
    const worker = jobs.newWorker({ training: async () => 'done' });
    expect(await worker.runNext()).toMatchObject({ id: job.id });
    expect(await worker.runNext()).toBeUndefined();
    expect((await get(other.id)).state).toBe('queued');
  });

  it('does not take a failing store for a failing job', async () => {
    const { id } = await jobs.submit();
    let isDown = false;
    const flaky: JobStore = Object.assign(Object.create(jobs.store), {
      replace: (next: never) =>
        isDown ? Promise.reject(new Error('unreachable')) : jobs.store.replace(next),
    });
    const worker = jobs.newWorker(
      {
        async training(_job, context) {
          isDown = true;
          context.progress({ phase: 'training', fraction: 1 });
          return 'done';
        },
      },
      flaky,
    );
    await expect(worker.runNext()).rejects.toThrow('unreachable');
    expect(await get(id)).toMatchObject({ state: 'running', attempts: 1 });
    await jobs.newWorker({ training: async () => 'done' }).runNext();
    expect(await get(id)).toMatchObject({ state: 'succeeded', attempts: 2 });
  });
});

describe('several workers', () => {
  let jobs: Awaited<ReturnType<typeof newJobs>>;
  beforeEach(async () => {
    jobs = await newJobs();
  });
  afterEach(() => jobs.remove());

  it('do the jobs of a lane one at a time, the oldest first, each once', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 12; i++) ids.push((await jobs.submit({ lane: 'training/nuts' })).id);
    const begun: string[] = [];
    let running = 0;
    const training = async ({ id }: { id: string }) => {
      begun.push(id);
      expect(++running).toBe(1);
      await jobs.store.read(id);
      running--;
    };
    const workers = Array.from({ length: 4 }, () => jobs.newWorker({ training }));
    while ((await jobs.service.listOpen()).length > 0)
      await Promise.all(workers.map((worker) => worker.runNext()));
    expect(begun).toEqual(ids);
    expect(jobs.errors).toEqual([]);
    for (const id of ids) expect((await jobs.service.get(id)).state).toBe('succeeded');
  });

  it('do the jobs of two lanes side by side', async () => {
    const [first, second, third] = [
      await jobs.submit({ lane: 'training/nuts' }),
      await jobs.submit({ lane: 'training/nuts' }),
      await jobs.submit({ lane: 'training/gems' }),
    ];
    const { handler, called } = heldHandler();
    const workers = [0, 1, 2].map(() => jobs.newWorker({ training: handler }));
    const running = workers[0]!.runNext();
    const nuts = await called();
    const besides = workers[1]!.runNext();
    const gems = await called();
    expect([nuts.job.id, gems.job.id]).toEqual([first.id, third.id]);
    expect(await workers[2]!.runNext()).toBeUndefined();
    nuts.resolve(1);
    await running;
    const after = workers[2]!.runNext();
    const next = await called();
    expect(next.job.id).toBe(second.id);
    gems.resolve(1);
    next.resolve(1);
    await Promise.all([besides, after]);
    expect(await jobs.service.listOpen()).toEqual([]);
  });

  it('do jobs without a lane all at once', async () => {
    for (let i = 0; i < 3; i++) await jobs.submit();
    const { handler, called } = heldHandler();
    const worker = jobs.newWorker({ training: handler });
    const running = [worker.runNext(), worker.runNext(), worker.runNext()];
    for (let i = 0; i < 3; i++) (await called()).resolve(i);
    await Promise.all(running);
    expect(await jobs.service.listOpen()).toEqual([]);
  });
});

/** Waits until it is so, as long as the test may take. */
async function eventually(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setImmediate(resolve));
}
