import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pino from 'pino';
import { datasetOfKey } from '../../../src/adapters/stores/dataset-keys.js';
import { LapidaryError } from '../../../src/core/errors.js';
import { createJobFunction, type JobFunctionWork } from '../../../src/hosts/lambda/jobs-handler.js';
import { JobsTurn } from '../../../src/hosts/lambda/jobs-turn.js';
import type { JobHandler } from '../../../src/jobs/port.js';
import { BATCH_PREDICTION } from '../../../src/prediction/batches/order.js';
import { TRAINING } from '../../../src/training/order.js';
import { heldHandler, newJobs } from '../../support/jobs.js';
import { s3Event, scheduledEvent, sqsEvent } from './events.js';

const LONG_MS = 600_000;
const DONE: JobHandler = async () => 'done';
/** Goes on until it is stopped. */
const ENDLESS: JobHandler = (_job, { signal }) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });

let jobs: Awaited<ReturnType<typeof newJobs>>;
beforeEach(async () => {
  jobs = await newJobs();
});
afterEach(() => jobs.remove());

/** The trainer on real jobs; `told` is what it did. */
function newTrainer(training: JobHandler = DONE, change: Partial<JobFunctionWork> = {}) {
  const told = { retrained: [] as string[], notified: [] as string[], failed: [] as string[] };
  const work: JobFunctionWork = {
    worker: jobs.newWorker({ training, 'batch-prediction': training }),
    store: jobs.store,
    kinds: [TRAINING, BATCH_PREDICTION],
    failedElsewhere: ({ id }) => void told.failed.push(id),
    notify: async ({ id }) => void told.notified.push(id),
    datasetOf: ({ key }) => datasetOfKey(key, ''),
    retrain: async ({ client, dataset }) => void told.retrained.push(`${client}/${dataset}`),
    doChores: async () => undefined,
    logger: pino({ level: 'silent' }),
    ...change,
  };
  const handler = createJobFunction(work);
  const handle = (event: unknown, lastsMs = LONG_MS) => {
    const until = Date.now() + lastsMs;
    return handler(event, { getRemainingTimeInMillis: () => until - Date.now() });
  };
  return { told, handle };
}

const ofJob = (id: string) => JSON.stringify({ job: id });
const ofObject = (key: string) => JSON.stringify(s3Event('lapidary', key));
const stateOf = async (id: string) => (await jobs.store.read(id))?.state;
const failed = (...records: string[]) => ({
  batchItemFailures: records.map((itemIdentifier) => ({ itemIdentifier })),
});

describe('the trainer', () => {
  it('does the job that a message names, and then what else is due', async () => {
    const [other, named] = [await jobs.submit(), await jobs.submit()];
    const order: string[] = [];
    const { handle, told } = newTrainer(async ({ id }) => order.push(id));
    expect(await handle(sqsEvent(ofJob(named.id)))).toEqual(failed());
    expect(order).toEqual([named.id, other.id]);
    expect(await stateOf(other.id)).toBe('succeeded');
    expect(told.notified).toEqual([]);
  });

  it('is told of a job that failed elsewhere, and does it not again', async () => {
    const [failing, good] = [await jobs.submit(), await jobs.submit()];
    const refuse = () => Promise.reject(new LapidaryError('version_corrupt', 'not the same'));
    await jobs.newWorker({ training: refuse }).run(failing.id);
    const { handle, told } = newTrainer();
    expect(await handle(sqsEvent(ofJob(failing.id), ofJob(good.id), ofJob('none')))).toEqual(
      failed(),
    );
    expect(told.failed).toEqual([failing.id]);
    expect(await stateOf(good.id)).toBe('succeeded');
  });

  it('looks for jobs, and for what was forgotten, when a schedule tells it to', async () => {
    const { id } = await jobs.submit();
    const forgotten: string[] = [];
    const { handle } = newTrainer(DONE, {
      doChores: async () => void forgotten.push((await jobs.submit()).id),
    });
    expect(await handle(scheduledEvent())).toEqual(failed());
    expect(await stateOf(id)).toBe('succeeded');
    expect(await stateOf(forgotten[0]!)).toBe('succeeded');
  });

  it('does the chores at each tick and at no message, and its jobs when they fail', async () => {
    let rounds = 0;
    const doChores = async () => {
      rounds++;
      throw new Error('the bucket cannot be reached');
    };
    const { handle } = newTrainer(DONE, { doChores });
    for (const done of [1, 2]) {
      const { id } = await jobs.submit();
      expect(await handle(scheduledEvent())).toEqual(failed());
      expect([rounds, await stateOf(id)]).toEqual([done, 'succeeded']);
    }
    await handle(sqsEvent(ofJob((await jobs.submit()).id)));
    expect(rounds).toBe(2);
  });

  it('does a job once, however often and late it is told', async () => {
    const { id } = await jobs.submit();
    let done = 0;
    const { handle } = newTrainer(async () => ++done);
    await handle(sqsEvent(ofJob(id), ofJob(id)));
    expect(await handle(sqsEvent(ofJob(id)))).toEqual(failed());
    expect(done).toBe(1);
  });

  it('passes on the dataset of an object, once a message', async () => {
    const { handle, told } = newTrainer();
    const keys = ['gems/1/log/2', 'gems/1/log/1'].map((path) => `datasets/${path}`);
    const Records = [...keys, 'other/x', ...keys.map((key) => `clients/acme/${key}`)].flatMap(
      (key) => s3Event('lapidary', key).Records,
    );
    const event = sqsEvent(JSON.stringify({ Records }), ofObject('datasets/nuts/1/log/1'));
    expect(await handle(event)).toEqual(failed());
    expect(told.retrained).toEqual(['/gems', 'acme/gems', '/nuts']);
  });

  it('trains what the arrival of data asks for', async () => {
    let submitted = '';
    const { handle } = newTrainer(DONE, {
      retrain: async () => {
        submitted = (await jobs.submit()).id;
      },
    });
    await handle(sqsEvent(ofObject('datasets/gems/1/log/1')));
    expect(await stateOf(submitted)).toBe('succeeded');
  });

  it('reports the records that it could not take, and those alone', async () => {
    const { id } = await jobs.submit();
    const { handle } = newTrainer(DONE, {
      retrain: async ({ dataset }) => {
        if (dataset === 'broken') throw new Error('the table cannot be reached');
      },
    });
    const event = sqsEvent(
      'poison',
      ofJob(id),
      '{}',
      ofObject('datasets/broken/1/log/1'),
      ofObject('datasets/gems/1/log/1'),
    );
    const [poison, , shapeless, broken] = event.Records.map(({ messageId }) => messageId);
    expect(await handle(event)).toEqual(failed(poison!, shapeless!, broken!));
    expect(await stateOf(id)).toBe('succeeded');
  });

  it('has no failed record for a job that fails, or that is not there', async () => {
    const { id } = await jobs.submit();
    const { handle } = newTrainer(() => Promise.reject(new Error('broken')));
    expect(await handle(sqsEvent(ofJob(id), ofJob('none')))).toEqual(failed());
    expect(await stateOf(id)).toBe('failed');
  });

  it('fails as a whole when the store cannot be reached: all its messages come again', async () => {
    const store = { ...jobs.store, listOpen: () => Promise.reject(new Error('unreachable')) };
    const { handle } = newTrainer(DONE, { worker: jobs.newWorker({}, store as never) });
    await expect(handle(sqsEvent(ofJob('a')))).rejects.toThrow();
  });

  it('refuses any other event', async () => {
    await expect(newTrainer().handle(s3Event())).rejects.toMatchObject({ code: 'unknown_event' });
  });
});

describe('a prediction that comes while a training runs', () => {
  it('is done beside it, and another training is not', async () => {
    const first = await jobs.submit({ lane: 'one' });
    const { handler, called } = heldHandler();
    const worker = jobs.newWorker({ training: handler, 'batch-prediction': DONE });
    const work = {
      worker,
      store: jobs.store,
      kinds: [TRAINING, BATCH_PREDICTION],
      notify: async () => undefined,
      failedElsewhere() {},
    };
    const turn = new JobsTurn(work, () => LONG_MS, 5);
    turn.add(first.id);
    const running = turn.run();
    const training = await called();
    const [second, prediction] = [
      await jobs.submit({ lane: 'two' }),
      await jobs.submit({ kind: 'batch-prediction', lane: 'three' }),
    ];
    while ((await stateOf(prediction.id)) !== 'succeeded') await pause(5);
    expect(await Promise.all([first, second].map(({ id }) => stateOf(id)))).toEqual([
      'running',
      'queued',
    ]);
    training.resolve('trained');
    (await called()).resolve('trained');
    await running;
    turn.end();
    expect(await Promise.all([first, second].map(({ id }) => stateOf(id)))).toEqual([
      'succeeded',
      'succeeded',
    ]);
  });
});

describe('the trainer whose time is over', () => {
  it('gives back a job that it began late, and tells the queue', async () => {
    const [first, second] = [await jobs.submit(), await jobs.submit()];
    const { handle, told } = newTrainer((job, context) =>
      job.id === first.id ? DONE(job, context) : ENDLESS(job, context),
    );
    expect(await handle(sqsEvent(ofJob(first.id)), 300)).toEqual(failed());
    expect(await stateOf(first.id)).toBe('succeeded');
    expect(await jobs.store.read(second.id)).toMatchObject({ state: 'queued', attempts: 0 });
    expect(told.notified).toEqual([second.id]);
  });

  it('fails training that filled the whole of it, and goes on with the next', async () => {
    const [first, second] = [await jobs.submit(), await jobs.submit()];
    const { handle, told } = newTrainer(ENDLESS);
    await handle(sqsEvent(ofJob(first.id)), 300);
    expect(await jobs.store.read(first.id)).toMatchObject({
      state: 'failed',
      error: { code: 'job_too_long', detail: expect.stringContaining('SageMaker') },
    });
    expect(told.notified).toEqual([second.id]);
  });

  it('counts an attempt of another job that filled the whole of it', async () => {
    const { id } = await jobs.submit({ kind: 'batch-prediction' });
    const { handle, told } = newTrainer(ENDLESS);
    for (const attempts of [1, 2, 3]) {
      await handle(sqsEvent(ofJob(id)), 200);
      expect(await jobs.store.read(id)).toMatchObject({ state: 'queued', attempts });
    }
    expect(told.notified).toEqual([id, id, id]);
    await handle(sqsEvent(ofJob(id)), 200);
    expect(await jobs.store.read(id)).toMatchObject({ state: 'failed' });
  });

  it('leaves a job alone that was cancelled meanwhile', async () => {
    const { id } = await jobs.submit();
    const { handle, told } = newTrainer(async (_job, { signal }) => {
      await jobs.service.cancel(id);
      return ENDLESS(_job, { signal } as never);
    });
    await handle(sqsEvent(ofJob(id)), 300);
    expect(await stateOf(id)).toBe('cancelled');
    expect(told.notified).toEqual([]);
  });
});
