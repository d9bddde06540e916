import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Api, apiAt, Onlooker, pause, type Shown, type TrainingJob } from './api.js';
import { DIAMOND, MODEL_DIR } from './app.js';
import { flatsCsv } from './data.js';
import { sized } from './size.js';
import type { World } from './worlds.js';

const BATCH_ROWS = 300;
const MOST_BATCHES = sized(5, 10);
const SLOW = 120_000;
const [header, ...sold] = readFileSync(
  new URL('../../node_modules/@observablehq/sample-datasets/diamonds.csv', import.meta.url),
  'utf8',
)
  .trim()
  .split('\n');
/** Diamonds from all over the file, so that each batch has all prices. */
const STRIDE = Math.floor(sold.length / (MOST_BATCHES * BATCH_ROWS));
const csvs = Array.from({ length: MOST_BATCHES }, (_, batch) => {
  const row = (i: number) => sold[(i * MOST_BATCHES + batch) * STRIDE];
  return [header, ...Array.from({ length: BATCH_ROWS }, (_, i) => row(i)), ''].join('\n');
});
const FIT = {
  dataset: 'gems',
  spec: { network: { hidden: [16], members: 1 } },
  hyperparameters: { epochs: 10, batchSize: 32 },
  // However batches are merged, the last version becomes the champion.
  gate: { tolerance: 0.5 },
};

/** Tests of a model whose data grows, and of its rollback. */
export function growingDataJourney(open: () => Promise<World>, batches = MOST_BATCHES): void {
  let world: World;
  let api: Api;
  let onlooker: Onlooker | undefined;
  let firstError = 0;
  beforeAll(async () => {
    world = await open();
    api = apiAt(() => world.url);
  }, SLOW);
  afterAll(async () => {
    onlooker?.leave();
    await world?.stop();
  });

  const append = async (batch: number) =>
    expect((await api.append('gems', csvs[batch]!)).status).toBe(201);
  /** The trainings that made a version, the newest first; duplicate events make one version. */
  const trainings = async () =>
    (await api.jobsOf('gems')).filter(
      ({ state, result }) => state === 'succeeded' && result.outcome !== 'unchanged',
    );
  /** Waits until the model was trained on the number of batches, and no job is open. */
  const trainedOn = async (many: number) => {
    for (;;) {
      const [last] = await trainings();
      if (last && last.result.lineage.data.batches!.length === many) {
        await api.drain();
        return last.result;
      }
      await pause(50);
    }
  };
  const champion = () => api.get<Shown>('/models/gems');

  it(
    'is trained on the first batch',
    async () => {
      const spec = JSON.parse(readFileSync(join(MODEL_DIR, 'diamonds', 'spec.json'), 'utf8'));
      const schema = { features: spec.features, target: { name: spec.target.name } };
      expect((await api.send('PUT', '/datasets/gems', schema)).status).toBe(201);
      await append(0);
      const fitted = await api.send<TrainingJob>('PUT', '/models/gems', FIT);
      const { location } = Object.fromEntries(fitted.headers);
      expect([fitted.status, location]).toEqual([202, `/jobs/${fitted.body.id}`]);
      const { version } = await trainedOn(1);
      const { state, result } = await api.get<TrainingJob>(location!);
      expect([state, result.outcome]).toEqual(['succeeded', 'promoted']);
      firstError = result.decision!.candidate;
      const now = await api.predict('gems', DIAMOND, { 'cache-control': 'no-cache' });
      expect([now.status, now.version]).toEqual([200, version]);
      onlooker = new Onlooker(api, 'gems', DIAMOND);
    },
    SLOW,
  );

  it(
    'is trained again on a new batch, and on one that arrives during the training',
    async () => {
      if (world.appendUntold) await world.appendUntold('gems', csvs[1]!);
      else await append(1);
      const begun = ({ state, order }: TrainingJob) =>
        order.reason === 'arrival' && state !== 'queued';
      while (!(await api.jobsOf('gems')).some(begun)) await pause(20);
      await append(2);
      const { version, outcome } = await trainedOn(3);
      expect(outcome).toBe('promoted');
      await onlooker!.sees(version);
    },
    SLOW,
  );

  it(
    'is trained only a few times on a burst of batches, and on all of them',
    async () => {
      const before = (await trainings()).length;
      await Promise.all(csvs.slice(3, batches).map((_, i) => append(3 + i)));
      const sentAt = new Date().toISOString();
      const { version, lineage, outcome } = await trainedOn(batches);
      expect([outcome, lineage.data.rows]).toEqual(['promoted', batches * BATCH_ROWS]);
      const made = (await trainings()).slice(0, -before);
      // One that began with the burst, one for all later batches; more if the burst takes long.
      const early = made.filter(({ endedAt }) => endedAt! < sentAt).length;
      expect(made.length).toBeLessThanOrEqual(2 + early);
      await onlooker!.sees(version);
    },
    SLOW,
  );

  it('is better than at first, and names its lineage', async () => {
    const { card } = await champion();
    expect(card.metrics.test.mae).toBeLessThan(0.9 * firstError);
    const all = (await api.batchesOf('gems')).map(({ id }) => id);
    expect(all).toHaveLength(batches);
    expect(card.lineage.data).toMatchObject({ dataset: 'gems', batches: all });
  });

  it(
    'is not trained again on the same data',
    async () => {
      const before = await trainings();
      const again = await Promise.all(csvs.slice(0, 3).map((csv) => api.append('gems', csv)));
      expect(again.map(({ status }) => status)).toEqual([200, 200, 200]);
      await api.drain();
      expect(await trainings()).toEqual(before);
    },
    SLOW,
  );

  it(
    'rolls back to the previous version, and stays there',
    async () => {
      const [last, previous] = await trainings();
      expect((await champion()).version).toBe(last!.result.version);
      const rolled = await api.send('POST', '/models/gems/aliases/champion/rollback', {});
      const { version } = previous!.result;
      expect(rolled).toMatchObject({ status: 200, body: { version } });
      await onlooker!.sees(version);
      await api.append('gems', csvs[2]!);
      await api.drain();
      expect((await champion()).version).toBe(version);
    },
    SLOW,
  );

  it('answered all the time, with each version in turn', async () => {
    await onlooker!.end();
    const promoted = (await trainings()).map(({ result }) => result.version).reverse();
    // The first of two versions in quick succession may answer no request.
    const seen = promoted.filter((version) => onlooker!.versions.includes(version));
    expect(onlooker!.versions).toEqual([...seen, promoted.at(-2)]);
    expect(seen.length).toBeGreaterThanOrEqual(3);
  });
}

/** Tests that a user makes a model of own data and removes it. */
export function ownDataJourney(open: () => Promise<World>): void {
  let world: World;
  beforeAll(async () => {
    world = await open();
  }, SLOW);
  afterAll(() => world?.stop());

  it(
    'serves a model of it, and removes it again',
    async () => {
      const api = apiAt(() => world.url);
      const cities = ['Bern', 'Chur', 'Genf', 'Sion', 'Zug'];
      const schema = {
        features: [
          { name: 'area', kind: 'number', minimum: 1 },
          { name: 'city', kind: 'category', categories: cities },
          { name: 'built', kind: 'number', missing: [] },
        ],
        target: { name: 'rent' },
      };
      await api.send('PUT', '/datasets/flats', schema);
      expect((await api.append('flats', flatsCsv(800))).status).toBe(201);
      const fitted = await api.send<TrainingJob>('PUT', '/models/flats', {
        dataset: 'flats',
        spec: { network: { members: 1 } },
        search: { trials: 2 },
        hyperparameters: { epochs: 20 },
      });
      await api.drain();
      const { result } = await api.get<TrainingJob>(`/jobs/${fitted.body.id}`);
      expect([result.outcome, result.search!.trials.length]).toEqual(['promoted', 2]);
      const flat = { area: 100, city: 'Genf', built: 1990 };
      const { predictions } = await api.predict('flats', flat, { 'cache-control': 'no-cache' });
      expect(Math.abs(predictions[0]!.value / 3900 - 1)).toBeLessThan(0.15);
      expect((await api.send('DELETE', '/models/flats')).status).toBe(204);
      expect(await api.get('/models/flats')).toMatchObject({ code: 'model_not_found' });
    },
    SLOW,
  );
}
