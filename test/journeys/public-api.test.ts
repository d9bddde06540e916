import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BUILT_IN_PLANS } from '../../src/access/plans.js';
import type { Scope } from '../../src/access/port.js';
import { newAccessTable } from '../support/access-table.js';
import { apiAt, type TrainingJob } from '../support/api.js';
import { DIAMOND, MODEL_DIR } from '../support/app.js';
import { describeAws } from '../support/emulator.js';
import { newAccess } from '../support/keys.js';
import { startServer } from '../support/process.js';
import { sized } from '../support/size.js';
import { BOXES, boxesCsv } from '../support/training.js';
import { newAwsPlace } from '../support/worlds.js';

const SLOW = 180_000;
const SCOPES: Scope[] = ['predict', 'data', 'train'];
const MONTH = new Date().toISOString().slice(0, 7);
const ROWS = 40;

let world: Awaited<ReturnType<typeof newAccess>>;
let server: Awaited<ReturnType<typeof startServer>>;

/** Has a server that asks for keys, and a worker beside it, where an environment says that all is kept. */
function serveWith(environment: () => Promise<Record<string, string>>): void {
  beforeAll(async () => {
    const env = await environment();
    world = await newAccess(env);
    const own = { DATA_DIR: world.directory, ACCESS: 'keys', JOB_WORKERS: '1' };
    server = await startServer({ ...env, ...own });
  }, SLOW);
  afterAll(async () => {
    server.child.kill();
    await server.finished;
    await world.remove();
  });
}

/** A client with a key, who knows nothing of others. @param terms what its plan has in another way than without limits */
async function newClient(id: string, terms: object = {}) {
  const { name: _name, ...unlimited } = BUILT_IN_PLANS.find(({ name }) => name === 'unlimited')!;
  await world.access.keys.putPlan(`plan-${id}`, { ...unlimited, ...terms });
  await world.access.keys.createClient({ id, name: id, plan: `plan-${id}` });
  const { key } = await world.access.keys.createKey(id, SCOPES);
  const api = apiAt(() => server.url, { authorization: `Bearer ${key}` });
  const batch = async (model: string, csv: string) => {
    const { body } = await api.send<TrainingJob>('POST', `/models/${model}/batch-predictions`, csv);
    await api.drain();
    return api.get<TrainingJob>(`/jobs/${body.id}`);
  };
  const usage = async () => (await world.access.usage.report(MONTH, id))[0]!.totals;
  return { ...api, batch, usage, key };
}

/** Has a client fit the model `boxes` to boxes that are so much heavier than others'. */
async function fitBoxes(client: Awaited<ReturnType<typeof newClient>>, scale: number) {
  await client.send('PUT', '/datasets/boxes', BOXES);
  const csv = boxesCsv(400, 1, scale);
  expect((await client.append('boxes', csv)).status).toBe(201);
  const spec = { network: { members: 1 } };
  const hyperparameters = { epochs: 12 };
  const { status, body } = await client.send<TrainingJob>('PUT', '/models/boxes', {
    dataset: 'boxes',
    spec,
    hyperparameters,
  });
  expect(status).toBe(202);
  return { job: body.id, bytes: csv.length };
}

/** Two clients with the same names for their data. */
function twoClientsJourney(): void {
  it(
    'two clients fit models of one name to data of their own, and know nothing of each other',
    async () => {
      const [light, heavy] = [await newClient('light'), await newClient('heavy')];
      const { job, bytes } = await fitBoxes(light, 1);
      await fitBoxes(heavy, 50);
      await Promise.all([light.drain(), heavy.drain()]);
      expect((await light.jobsOf('boxes')).map(({ id }) => id)).toEqual([job]);
      expect(await heavy.get(`/jobs/${job}`)).toMatchObject({ code: 'job_not_found' });

      const box = { side: 3, material: 'oak' };
      const fresh = { 'cache-control': 'no-cache' };
      const [a, b] = [
        await light.predict('boxes', box, fresh),
        await heavy.predict('boxes', box, fresh),
      ];
      expect(a.version).not.toBe(b.version);
      expect(b.predictions[0]!.value / a.predictions[0]!.value).toBeGreaterThan(20);

      const rows = boxesCsv(ROWS).replaceAll(/,[^,\n]*$/gm, '');
      expect(await light.batch('boxes', rows)).toMatchObject({ state: 'succeeded' });
      expect(await light.usage()).toMatchObject({
        requests: 1,
        predictions: 1 + ROWS,
        storedBytes: bytes,
      });
      expect((await light.usage()).trainingSeconds).toBeGreaterThan(0);
      expect((await heavy.usage()).predictions).toBe(1);
    },
    SLOW,
  );
}

describe('on this machine', () => {
  serveWith(async () => ({ MODEL_DIR }));
  twoClientsJourney();

  it('all share the shipped models, and cannot change them', async () => {
    const client = await newClient('reader');
    expect((await client.predict('diamonds', DIAMOND)).status).toBe(200);
    const models = await client.get<{ items: { name: string }[] }>('/models');
    expect(models.items.map(({ name }) => name)).toEqual(['diamonds', 'digits', 'flights']);
    await client.send('PUT', '/datasets/boxes', BOXES);
    await client.append('boxes', boxesCsv(60));
    const shared = { status: 403, body: { code: 'model_shared' } };
    const versions = await client.get<{ items: { id: string }[] }>('/models/diamonds/versions');
    const version = versions.items[0]!.id;
    const changes: [string, string, object?][] = [
      ['PUT', '/models/diamonds', { dataset: 'boxes' }],
      ['DELETE', '/models/diamonds'],
      ['PUT', '/models/diamonds/aliases/champion', { version }],
      ['POST', '/models/diamonds/aliases/champion/rollback'],
      ['DELETE', '/models/diamonds/aliases/challenger'],
      ['DELETE', `/models/diamonds/versions/${version}`],
    ];
    for (const [method, path, body] of changes)
      expect(await client.send(method, path, body)).toMatchObject(shared);
  });

  it(
    'a plan ends where it says',
    async () => {
      const client = await newClient('small', {
        predictionsPerMonth: 5,
        trainingMinutesPerMonth: 0,
        maxDatasetBytes: 2000,
      });
      const diamonds = (rows: number) =>
        [Object.keys(DIAMOND), ...Array.from({ length: rows }, () => Object.values(DIAMOND))]
          .map((row) => row.join(','))
          .join('\n');
      expect(await client.batch('diamonds', diamonds(6))).toMatchObject({
        state: 'failed',
        error: { code: 'quota_exceeded' },
      });
      expect(await client.batch('diamonds', diamonds(5))).toMatchObject({ state: 'succeeded' });
      expect((await client.usage()).predictions).toBe(5);
      const usedUp = { status: 402, body: { code: 'quota_exceeded' } };
      const path = '/models/diamonds/batch-predictions';
      expect(await client.send('POST', path, diamonds(1))).toMatchObject(usedUp);
      expect((await client.predict('diamonds', DIAMOND)).status).toBe(402);

      await client.send('PUT', '/datasets/boxes', BOXES);
      const csv = boxesCsv(60);
      expect((await client.append('boxes', csv)).status).toBe(201);
      expect((await client.append('boxes', csv)).status).toBe(200);
      expect(await client.append('boxes', boxesCsv(60, 2))).toMatchObject({
        status: 403,
        body: { code: 'plan_exceeded' },
      });
      expect(await client.send('PUT', '/models/boxes', { dataset: 'boxes' })).toMatchObject(usedUp);
    },
    SLOW,
  );
});

sized(describe.skip, describeAws)('on AWS', () => {
  serveWith(async () => {
    const { env, remove } = await newAwsPlace();
    // Nothing of it is on this machine.
    remove();
    return { ...env, ACCESS_TABLE: await newAccessTable() };
  });
  twoClientsJourney();
});
