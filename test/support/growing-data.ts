import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TrainingResult } from '../../src/training/order.js';
import { DIAMOND, MODEL_DIR } from './app.js';
import { flatsCsv } from './data.js';

/** Lapidary as it runs somewhere, with no models and no data yet. */
export interface RunningWorld {
  url: string;
  /** Resolves when no job is queued or running. */
  drain(): Promise<void>;
  stop(): Promise<void>;
}

/** Waits until no job is queued or running. */
export async function drainOverHttp(url: string): Promise<void> {
  for (const state of ['queued', 'running', 'queued', 'running']) {
    for (;;) {
      const answer = await fetch(`${url}/jobs?state=${state}&limit=1`);
      if (((await answer.json()) as { jobs: object[] }).jobs.length === 0) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

const BATCHES = 10;
const BATCH_ROWS = 500;
const SLOW = 60_000;
const [header, ...sold] = readFileSync(
  new URL('../../node_modules/@observablehq/sample-datasets/diamonds.csv', import.meta.url),
  'utf8',
)
  .trim()
  .split('\n');
/** Diamonds from all over the file, so that each batch has all prices. */
const STRIDE = Math.floor(sold.length / (BATCHES * BATCH_ROWS));
const batches = Array.from({ length: BATCHES }, (_, batch) => {
  const rows = Array.from({ length: BATCH_ROWS }, (_, i) => sold[(i * BATCHES + batch) * STRIDE]);
  return [header, ...rows, ''].join('\n');
});
const FIT = {
  dataset: 'gems',
  spec: { network: { hidden: [32, 16], members: 1 } },
  hyperparameters: { epochs: 10, batchSize: 32 },
};

interface Job {
  id: string;
  state: string;
  order: { reason: string };
  result: TrainingResult;
}

/** What happens to models whose data grows. */
export function growingDataJourney(open: () => Promise<RunningWorld>): void {
  let world: RunningWorld;
  beforeAll(async () => {
    world = await open();
  }, SLOW);
  afterAll(() => world.stop());

  const send = async (method: string, path: string, body: object | string) => {
    const type = typeof body === 'string' ? 'text/csv' : 'application/json';
    const answer = await fetch(world.url + path, {
      method,
      headers: { 'content-type': type },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as never };
  };
  /** Asks for what is so now, not for what was so at the last look. */
  const get = async <Body>(path: string): Promise<Body> => {
    const answer = await fetch(world.url + path, { headers: { 'cache-control': 'no-cache' } });
    return (await answer.json()) as Body;
  };
  const predict = async (model: string, instance: object) => {
    const answer = await fetch(`${world.url}/models/${model}/predictions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'cache-control': 'no-cache' },
      body: JSON.stringify({ instances: [instance] }),
    });
    return (await answer.json()) as { version: string; predictions: { value: number }[] };
  };
  const jobsOf = async (model: string) => {
    const { jobs } = await get<{ jobs: Job[] }>(`/jobs?model=${model}&limit=100`);
    return jobs;
  };
  const append = async (batch: number) =>
    expect((await send('POST', '/datasets/gems', batches[batch]!)).status).toBe(201);

  const champions: string[] = [];
  let firstError = 0;

  describe('a model of a dataset that grows', () => {
    it(
      'is made from the first batch',
      async () => {
        const spec = JSON.parse(readFileSync(join(MODEL_DIR, 'diamonds', 'spec.json'), 'utf8'));
        const schema = { features: spec.features, target: { name: spec.target.name } };
        expect((await send('PUT', '/datasets/gems', schema)).status).toBe(201);
        await append(0);
        const fitted = await send('PUT', '/models/gems', FIT);
        expect([fitted.status, fitted.headers.get('location')]).toEqual([
          202,
          `/jobs/${(fitted.body as Job).id}`,
        ]);
        await world.drain();
        const { state, result } = await get<Job>(fitted.headers.get('location')!);
        expect([state, result.outcome]).toEqual(['succeeded', 'promoted']);
        firstError = result.decision!.candidate;
        champions.push(result.version);
        expect((await predict('gems', DIAMOND)).version).toBe(result.version);
      },
      SLOW,
    );

    it(
      'is trained again on each batch that arrives, and served without a restart',
      async () => {
        for (const batch of [1, 2]) {
          await append(batch);
          await world.drain();
          const [job] = await jobsOf('gems');
          expect(job).toMatchObject({ state: 'succeeded', order: { reason: 'arrival' } });
          expect(job!.result.lineage.data.rows).toBe((batch + 1) * BATCH_ROWS);
          if (job!.result.outcome === 'promoted') champions.push(job!.result.version);
          expect((await predict('gems', DIAMOND)).version).toBe(champions.at(-1));
        }
      },
      SLOW,
    );

    it(
      'is trained once or twice on a burst of batches, and on all of them',
      async () => {
        const before = (await jobsOf('gems')).length;
        for (let batch = 3; batch < BATCHES; batch++) await append(batch);
        await world.drain();
        const jobs = (await jobsOf('gems')).slice(0, -before);
        expect(jobs.length).toBeLessThanOrEqual(BATCHES - 3);
        for (const { result } of jobs.toReversed())
          if (result.outcome === 'promoted') champions.push(result.version);
        const { result } = jobs[0]!;
        expect(result.lineage.data.rows).toBe(BATCHES * BATCH_ROWS);
        expect(result.lineage.data.batches).toHaveLength(BATCHES);
        expect((await predict('gems', DIAMOND)).version).toBe(champions.at(-1));
      },
      SLOW,
    );

    it('is better than it was at first, and says of what it is made', async () => {
      const { version, card } = await get<{ version: string; card: Record<string, never> }>(
        '/models/gems',
      );
      expect(version).toBe(champions.at(-1));
      const { metrics, lineage } = card as unknown as {
        metrics: { test: { mae: number } };
        lineage: { data: object };
      };
      expect(metrics.test.mae).toBeLessThan(0.9 * firstError);
      expect(lineage.data).toMatchObject({ dataset: 'gems' });
    });

    it(
      'is not trained again on what is there already',
      async () => {
        const before = (await jobsOf('gems')).length;
        expect((await send('POST', '/datasets/gems', batches[3]!)).status).toBe(200);
        await world.drain();
        expect(await jobsOf('gems')).toHaveLength(before);
      },
      SLOW,
    );

    it(
      'goes back to the version before, and stays there',
      async () => {
        const rolled = await send('POST', '/models/gems/aliases/champion/rollback', {});
        expect(rolled.body).toMatchObject({ version: champions.at(-2) });
        expect((await predict('gems', DIAMOND)).version).toBe(champions.at(-2));
        await send('POST', '/datasets/gems', batches[3]!);
        await world.drain();
        expect((await predict('gems', DIAMOND)).version).toBe(champions.at(-2));
      },
      SLOW,
    );
  });

  describe('somebody with data of their own', () => {
    it(
      'has a model of it, and is rid of it again',
      async () => {
        const cities = ['Bern', 'Chur', 'Genf', 'Sion', 'Zug'];
        const schema = {
          features: [
            { name: 'area', kind: 'number', minimum: 1 },
            { name: 'city', kind: 'category', categories: cities },
            { name: 'built', kind: 'number', missing: [] },
          ],
          target: { name: 'rent' },
        };
        await send('PUT', '/datasets/flats', schema);
        expect((await send('POST', '/datasets/flats', flatsCsv(800))).status).toBe(201);
        const body = {
          dataset: 'flats',
          spec: { network: { members: 1 } },
          search: { trials: 2 },
          hyperparameters: { epochs: 20 },
        };
        const fitted = await send('PUT', '/models/flats', body);
        await world.drain();
        const { result } = await get<Job>(`/jobs/${(fitted.body as Job).id}`);
        expect([result.outcome, result.search!.trials.length]).toEqual(['promoted', 2]);
        const flat = { area: 100, city: 'Genf', built: 1990 };
        const { predictions } = await predict('flats', flat);
        expect(Math.abs(predictions[0]!.value / 3900 - 1)).toBeLessThan(0.15);
        const gone = await fetch(`${world.url}/models/flats`, { method: 'DELETE' });
        expect(gone.status).toBe(204);
        expect(await get('/models/flats')).toMatchObject({ code: 'model_not_found' });
      },
      SLOW,
    );
  });
}
