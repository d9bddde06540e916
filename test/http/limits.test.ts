import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { BUILT_IN_PLANS } from '../../src/access/plans.js';
import { DIAMOND } from '../support/app.js';
import { FLATS, flats } from '../support/datasets.js';
import { guardedApp } from '../support/keys.js';

const { app, access, issue, key, remove } = await guardedApp({ ACCESS_CACHE_S: '0' });
const MONTH = new Date().toISOString().slice(0, 7);
beforeAll(async () => {
  await app.ready();
});
afterAll(remove);

const { name: _name, ...UNLIMITED } = BUILT_IN_PLANS.find(({ name }) => name === 'unlimited')!;
/** A key of a new client, on a plan of its own. */
async function keyOn(client: string, terms: Partial<typeof UNLIMITED>): Promise<string> {
  await access.keys.putPlan(client, { ...UNLIMITED, ...terms });
  await access.keys.createClient({ id: client, name: client, plan: client });
  return (await access.keys.createKey(client, ['predict', 'data'])).key;
}
const predict = (text: string, instances: unknown[] = [DIAMOND], headers = {}) =>
  supertest(app.server)
    .post('/models/diamonds/predictions')
    .set({ authorization: `Bearer ${text}`, ...headers })
    .send({ instances });
const totals = async (client: string) => (await access.usage.report(MONTH, client))[0]!;

describe('the rate', () => {
  it('is in each answer, and beyond it the answer is 429', async () => {
    const text = await keyOn('rated', { requestsPerSecond: 0.01, burst: 2 });
    const first = await predict(text).expect(200);
    expect(first.headers['ratelimit-policy']).toBe('"requests";q=2;w=200');
    expect(first.headers.ratelimit).toBe('"requests";r=1;t=100');
    await predict(text).expect(200);
    const { status, body, headers } = await predict(text);
    expect([status, body.code]).toEqual([429, 'rate_limited']);
    expect(Number(headers['retry-after'])).toBeGreaterThan(90);
    expect(headers.ratelimit).toMatch(/^"requests";r=0;t=/);
    expect((await totals('rated')).totals.predictions).toBe(2);
  });
});

describe('the quota', () => {
  it('answers 402, gives back what failed, and counts what was answered', async () => {
    const text = await keyOn('quoted', { predictionsPerMonth: 5 });
    await predict(text, [DIAMOND, DIAMOND, DIAMOND]).expect(200);
    await predict(text, [{ ...DIAMOND, cut: 'x' }, DIAMOND]).expect(422);
    const { status, body } = await predict(text, [DIAMOND, DIAMOND, DIAMOND]);
    expect([status, body.code]).toEqual([402, 'quota_exceeded']);
    await predict(text, [DIAMOND, DIAMOND]).expect(200);
    await predict(text).expect(402);
    expect(await totals('quoted')).toMatchObject({
      totals: { requests: 2, predictions: 5 },
      predictionsLeft: 0,
    });
  });

  it('counts the same request with the same Idempotency-Key once, and another as another', async () => {
    const text = await keyOn('again', {});
    const id = { 'idempotency-key': 'order-1' };
    await predict(text, [DIAMOND], id).expect(200);
    await predict(text, [DIAMOND], id).expect(200);
    expect((await totals('again')).totals.predictions).toBe(1);
    await predict(text, [{ ...DIAMOND, carat: 1 }], id).expect(200);
    expect((await totals('again')).totals.predictions).toBe(2);
  });

  it('is a matter of instances: a plan allows so many in a request', async () => {
    const text = await keyOn('small', { maxInstances: 2 });
    await predict(text, [DIAMOND, DIAMOND]).expect(200);
    const { status, body } = await predict(text, [DIAMOND, DIAMOND, DIAMOND]);
    expect([status, body.code]).toEqual([403, 'plan_exceeded']);
  });
});

describe('the usage', () => {
  it('has the bytes of a batch once', async () => {
    const text = await keyOn('stores', {});
    const auth = { authorization: `Bearer ${text}` };
    const api = supertest.agent(app.server).set(auth);
    await api.put('/datasets/flats').send(FLATS).expect(201);
    const batch = flats(10);
    await api.post('/datasets/flats').type('text/csv').send(batch).expect(201);
    await api.post('/datasets/flats').type('text/csv').send(batch).expect(200);
    expect((await totals('stores')).totals.storedBytes).toBe(batch.length);
  });

  it('has the seconds of a training attempt once', async () => {
    const job = { id: 'j', client: 'acme', model: 'flats', attempts: 1 };
    await access.jobUsage.count(job, 'trainingSeconds', 2.2);
    await access.jobUsage.count(job, 'trainingSeconds', 2.2);
    await access.jobUsage.count({ ...job, attempts: 2 }, 'trainingSeconds', 2.2);
    expect((await totals('acme')).totals.trainingSeconds).toBe(6);
  });

  it('is returned by month, as JSON or CSV', async () => {
    const text = await keyOn('paying', { pricePerThousandPredictions: '1500', currency: 'CHF' });
    await predict(text, [DIAMOND, DIAMOND]).expect(200);
    const api = supertest.agent(app.server).set({ authorization: `Bearer ${key}` });
    const { body } = await api.get(`/usage?month=${MONTH}&client=paying`).expect(200);
    const day = new Date().toISOString().slice(0, 10);
    const amounts = { requests: 1, predictions: 2, storedBytes: 0, trainingSeconds: 0 };
    expect(body).toEqual({
      month: MONTH,
      items: [
        {
          client: 'paying',
          plan: 'paying',
          totals: amounts,
          predictionsLeft: null,
          trainingSecondsLeft: null,
          cost: { currency: 'CHF', predictions: '3', training: '0', total: '3' },
          days: [{ day, model: 'diamonds', ...amounts }],
        },
      ],
    });
    const csv = await api.get('/usage?client=paying').set('accept', 'text/csv').expect(200);
    expect(csv.type).toBe('text/csv');
    expect(csv.text).toBe(
      'day,client,model,requests,predictions,storedBytes,trainingSeconds\n' +
        `${day},paying,diamonds,1,2,0,0\n`,
    );
    await api.get('/usage?month=2026-13').expect(400);
    await api.get('/usage?client=nobody').expect(404);
    const other = { authorization: `Bearer ${await issue('predict')}` };
    await supertest(app.server).get('/usage').set(other).expect(403);
  });
});
