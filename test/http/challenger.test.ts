import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { compose } from '../../src/compose/index.js';
import { logSignals } from '../../src/hosts/log-signals.js';
import { isChosen } from '../../src/prediction/challenge.js';
import { packVersion, type Version } from '../../src/registry/version.js';
import { configOf, DIAMOND, testApp, testLog } from '../support/app.js';
import { newModels, retrained, SHIPPED_ID } from '../support/versions.js';

/** A version that takes no diamond as heavy as ours. */
function picky(): Omit<Version, 'id'> {
  const content = retrained(2);
  const features = content.spec.features.map((feature) =>
    feature.name === 'carat' ? { ...feature, maximum: 0.1 } : feature,
  ) as Version['spec']['features'];
  return { ...content, spec: { ...content.spec, features } };
}

const [OTHER, PICKY] = [packVersion(retrained(1)), packVersion(picky())];

let models: ReturnType<typeof newModels>;
let app: ReturnType<typeof testApp>['app'];
let lines: Record<string, unknown>[];
beforeEach(async () => {
  models = newModels();
  for (const { id, files } of [OTHER, PICKY]) await models.store.publish('diamonds', id, files);
  const log = testLog();
  const signals = logSignals(log.logger);
  const parts = await compose(configOf(models.directory), { requestsLook: false, signals });
  ({ app, lines } = testApp(parts, log));
  await app.ready();
});
afterEach(async () => {
  await app.close();
  models.remove();
});

const challenge = (body: object) =>
  supertest(app.server).put('/models/diamonds/aliases/challenger').send(body);
const predict = async (instances: unknown[] = [DIAMOND]) => {
  const { status, body, headers } = await supertest(app.server)
    .post('/models/diamonds/predictions')
    .send({ instances });
  return { status, body, id: headers['x-request-id'] as string };
};
const logged = (level: number) => lines.filter((line) => line.level === level && !line.method);

describe('a challenger with a share', () => {
  it('answers the requests that their ids select, and the answer names it', async () => {
    const { body } = await challenge({ version: OTHER.id, share: 0.5 }).expect(200);
    expect(body).toEqual({
      model: 'diamonds',
      alias: 'challenger',
      version: OTHER.id,
      share: 0.5,
    });
    const values = new Map<string, Set<number>>();
    for (let i = 0; i < 40; i++) {
      const { id, body } = await predict();
      expect(body.version).toBe(isChosen(id, 0.5) ? OTHER.id : SHIPPED_ID);
      const seen = values.get(body.version) ?? new Set();
      values.set(body.version, seen.add(body.predictions[0].value));
    }
    expect([...values.values()].map(({ size }) => size)).toEqual([1, 1]);
    expect(new Set([...values.values()].flatMap((seen) => [...seen])).size).toBe(2);
  });

  it('answers nothing with none, everything with all, and nothing once taken away', async () => {
    for (const [share, version] of [
      [0, SHIPPED_ID],
      [1, OTHER.id],
    ]) {
      await challenge({ version: OTHER.id, share }).expect(200);
      expect((await predict()).body.version).toBe(version);
    }
    const path = '/models/diamonds/aliases/challenger';
    await supertest(app.server).delete(path).expect(204);
    expect((await predict()).body.version).toBe(SHIPPED_ID);
    const gone = await supertest(app.server).delete(path);
    expect([gone.status, gone.body.code]).toEqual([404, 'alias_not_found']);
    const history = await models.store.aliasHistory('diamonds', 'challenger');
    expect(history.at(-1)).toBeUndefined();
    await supertest(app.server).post(`${path}/rollback`).expect(200);
    expect((await predict()).body.version).toBe(OTHER.id);
  });

  it('that refuses instances of the champion fails no request, and is logged', async () => {
    await challenge({ version: PICKY.id, share: 1 }).expect(200);
    const { status, body, id } = await predict();
    expect([status, body.version]).toEqual([200, SHIPPED_ID]);
    expect(logged(40)).toEqual([
      expect.objectContaining({ requestId: id, model: 'diamonds', challenger: PICKY.id }),
    ]);
  });

  it('is not blamed for what the champion refuses too', async () => {
    await challenge({ version: PICKY.id, share: 1 }).expect(200);
    const { status, body } = await predict([{ ...DIAMOND, cut: 'Superb' }]);
    expect([status, body.errors.length]).toEqual([422, 1]);
    expect(logged(40)).toEqual([]);
  });

  it('that does not load fails no request, and shows where it should', async () => {
    await predict();
    writeFileSync(models.fileOf(OTHER.id, 'weights.bin'), 'rubble');
    const refused = await challenge({ version: OTHER.id, share: 1 });
    expect([refused.status, refused.body.code]).toEqual([503, 'version_corrupt']);
    const target = { version: OTHER.id, share: 1 };
    await models.store.moveAlias('diamonds', 'challenger', undefined, target);
    const answer = await supertest(app.server)
      .post('/models/diamonds/predictions')
      .set('cache-control', 'no-cache')
      .send({ instances: [DIAMOND] });
    expect([answer.status, answer.body.version]).toEqual([200, SHIPPED_ID]);
    const { body } = await supertest(app.server).get('/health/ready').expect(200);
    expect(body.degraded).toEqual([
      expect.objectContaining({ alias: 'challenger', version: OTHER.id, serves: SHIPPED_ID }),
    ]);
    expect(logged(50).filter((line) => line.alias === 'challenger')).toHaveLength(1);
  });

  it('may become the champion, without being loaded again', async () => {
    await challenge({ version: OTHER.id, share: 0.5 }).expect(200);
    await predict();
    await models.store.moveAlias('diamonds', 'champion', SHIPPED_ID, { version: OTHER.id });
    writeFileSync(models.fileOf(OTHER.id, 'weights.bin'), 'rubble');
    await supertest(app.server).get('/models/diamonds').set('cache-control', 'no-cache');
    for (let i = 0; i < 5; i++) expect((await predict()).body.version).toBe(OTHER.id);
  });
});

describe('a shadow', () => {
  it('is run and logged by the ids that were answered, and never answers', async () => {
    await challenge({ version: OTHER.id, shadow: true }).expect(200);
    const instances = Array.from({ length: 150 }, () => DIAMOND);
    const { body, id } = await predict(instances);
    expect(body.version).toBe(SHIPPED_ID);
    const runs = logged(30).filter(({ msg }) => msg === 'shadow');
    expect(runs).toHaveLength(2);
    const heard = runs.flatMap((run) => run.predictions as Record<string, { value: number }>[]);
    expect(heard.map((each) => each.id)).toEqual(body.predictions.map((p: { id: string }) => p.id));
    expect(heard[0]!.champion!.value).toBe(body.predictions[0].value);
    expect(heard[0]!.challenger!.value).not.toBe(body.predictions[0].value);
    expect(runs[0]).toMatchObject({
      model: 'diamonds',
      requestId: id,
      champion: SHIPPED_ID,
      challenger: OTHER.id,
    });
  });

  it('that fails is only logged', async () => {
    await challenge({ version: PICKY.id, shadow: true }).expect(200);
    const { status, body } = await predict();
    expect([status, body.version]).toEqual([200, SHIPPED_ID]);
    expect(logged(40)).toEqual([expect.objectContaining({ challenger: PICKY.id })]);
    expect((await predict([{ ...DIAMOND, cut: 'Superb' }])).status).toBe(422);
    expect(logged(40)).toHaveLength(1);
  });
});

it.each([
  ['a share above 1', 'challenger', { share: 1.1 }],
  ['a share below 0', 'challenger', { share: -0.1 }],
  ['a share that is text', 'challenger', { share: '0.1' }],
  ['a shadow with a share', 'challenger', { share: 0.1, shadow: true }],
  ['a champion with a share', 'champion', { share: 0.1 }],
  ['a champion in the shadow', 'champion', { shadow: true }],
])('%s is refused', async (_what, alias, how) => {
  const { status, body } = await supertest(app.server)
    .put(`/models/diamonds/aliases/${alias}`)
    .send({ version: OTHER.id, ...how });
  expect([status, body.code]).toEqual([400, 'invalid_request']);
});

it('the champion is not taken away', async () => {
  const answer = await supertest(app.server).delete('/models/diamonds/aliases/champion');
  expect([answer.status, answer.body.code]).toEqual([400, 'invalid_request']);
  expect(answer.body.detail).toBe('the champion serves and can only be moved, not removed');
});
