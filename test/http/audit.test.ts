import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import type { AuditEntry } from '../../src/access/audit.js';
import { makeKey } from '../../src/access/keys.js';
import { openAuditFiles } from '../../src/compose/access.js';
import { readConfig } from '../../src/compose/config.js';
import { compose } from '../../src/compose/index.js';
import { testApp } from '../support/app.js';
import { guardedApp } from '../support/keys.js';
import { scopesByOperation } from '../support/policies.js';
import { runMain } from '../support/process.js';

const { app, access, dependencies, directory, key, issue, remove } = await guardedApp();
const api = supertest.agent(app.server).set({ authorization: `Bearer ${key}` });
const DATA = { DATA_DIR: directory };
const log = await openAuditFiles(readConfig(DATA));
beforeAll(async () => {
  await app.ready();
});
afterAll(remove);

async function entries(): Promise<AuditEntry[]> {
  const read: AuditEntry[] = [];
  for await (const entry of log.read()) read.push(entry);
  return read;
}
/** What was written down meanwhile. */
async function written<Answer>(action: () => PromiseLike<Answer>) {
  const before = (await entries()).length;
  const answer = await action();
  return { answer, entries: (await entries()).slice(before) };
}
const { id: own } = (await access.keys.listKeys({}, { limit: 100 })).items[0]!;

describe('what admins do over HTTP is written down', () => {
  it('by whom, to what, how it ended, and the request, before it is answered', async () => {
    const { answer, entries: told } = await written(() =>
      api.post('/clients').send({ id: 'nuts', plan: 'standard' }),
    );
    const same = {
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      by: { client: 'acme', key: own },
      operation: 'createClient',
      subject: { id: 'nuts', plan: 'standard' },
      request: answer.headers['x-request-id'],
    };
    expect(told).toEqual([
      { ...same, phase: 'begun' },
      { ...same, phase: 'ended', outcome: { status: 201 } },
    ]);
  });

  it('with the id of a key that was made, and without the key', async () => {
    const made = await written(() =>
      api
        .post('/keys')
        .send({ client: 'acme', scopes: ['predict'] })
        .expect(201),
    );
    const { id, key: text } = made.answer.body;
    expect(made.entries[1]).toMatchObject({ subject: { client: 'acme', id } });
    const rotated = await written(() => api.post(`/keys/${id}/rotate`).expect(201));
    expect(rotated.entries[1]).toMatchObject({ subject: { key: id, id: rotated.answer.body.id } });
    const revoked = await written(() => api.delete(`/keys/${id}`).expect(200));
    expect(revoked.entries[1]).toMatchObject({ subject: { key: id }, outcome: { status: 200 } });
    const mistaken = makeKey().text;
    await api.delete(`/keys/${mistaken}`).expect(404);
    const all = JSON.stringify(await entries());
    for (const secret of [text, rotated.answer.body.key, key, mistaken])
      expect(all).not.toContain(secret.slice(21));
  });

  it.each([
    ['that is not there', () => api.delete('/keys/nokey'), 'revokeKey', 404],
    ['of a model', () => api.delete('/models/rubies/aliases/x'), 'removeAlias', 404],
    ['of a version', () => api.delete('/models/rubies/versions/1'), 'deleteVersion', 404],
  ])('also when it fails: what is done to something %s', async (_what, act, operation, status) => {
    const { answer, entries: told } = await written(() => act());
    expect(answer.status).toBe(status);
    expect(told).toMatchObject([
      { operation, phase: 'begun' },
      { operation, phase: 'ended', outcome: { status } },
    ]);
  });

  it('of every route that changes something and needs the scope admin', async () => {
    const document = (await api.get('/openapi.json')).body;
    const scopes = await scopesByOperation(dependencies);
    const seen: string[] = [];
    for (const [path, methods] of Object.entries<Record<string, { operationId: string }>>(
      document.paths,
    )) {
      for (const [method, schema] of Object.entries(methods)) {
        const { operationId } = schema;
        if (method === 'get' || !scopes.get(operationId)?.includes('admin')) continue;
        const url = path.replaceAll(/\{\w+\}/g, 'none');
        const payload = BODIES[operationId];
        const { entries: told } = await written(() =>
          app.inject({
            method: method.toUpperCase() as 'PUT',
            url,
            headers: { authorization: `Bearer ${key}` },
            ...(payload && { payload }),
          }),
        );
        expect([operationId, told.map(({ phase }) => phase)]).toEqual([
          operationId,
          ['begun', 'ended'],
        ]);
        seen.push(operationId);
      }
    }
    expect(seen).toEqual(expect.arrayContaining(['moveAlias', 'putPlan', 'revokeKey']));
  });

  it('but not what they read, and not who was not let in', async () => {
    const { entries: told } = await written(async () => {
      await api.get('/keys').expect(200);
      await supertest(app.server).delete('/keys/nokey').expect(401);
      const other = { authorization: `Bearer ${await issue('predict')}` };
      await supertest(app.server).delete('/keys/nokey').set(other).expect(403);
    });
    expect(told).toEqual([]);
  });

  it('but not what another key does to the models of its client', async () => {
    const own = { authorization: `Bearer ${await issue('train')}` };
    const { entries: told } = await written(() =>
      supertest(app.server).delete('/models/rubies/aliases/x').set(own).expect(404),
    );
    expect(told).toEqual([]);
  });

  it('and is not done when it cannot be', async () => {
    const audit = () => Promise.reject(new Error('the disk is full'));
    const broken = testApp({ ...dependencies, audit });
    const { statusCode, body } = await broken.app.inject({
      method: 'POST',
      url: '/clients',
      headers: { authorization: `Bearer ${key}` },
      payload: { id: 'unwritten' },
    });
    expect([statusCode, JSON.parse(body).code]).toEqual([503, 'not_ready']);
    expect(body).not.toContain('disk');
    await expect(access.keys.client('unwritten')).rejects.toThrow('client unwritten not found');
    await broken.app.close();
  });
});

/** What some operations need to be begun at all. */
const BODIES: Readonly<Record<string, object>> = {
  createClient: { id: 'nuts' },
  changeClient: { plan: 'free' },
  createKey: { client: 'none', scopes: ['predict'] },
  moveAlias: { version: '0123456789abcdef' },
  putPlan: {
    requestsPerSecond: 10,
    burst: 20,
    predictionsPerMonth: 1000,
    maxInstances: 10,
    maxDatasetBytes: null,
    trainingMinutesPerMonth: 0,
    currency: 'CHF',
    pricePerThousandPredictions: '250000',
    pricePerTrainingMinute: '1',
  },
};

describe('what admins do with commands is written down', () => {
  it('with the user of the machine, and lapidary audit shows it', async () => {
    const since = new Date().toISOString();
    const created = await runMain(['clients', 'create', 'bolts'], DATA).finished;
    expect(created).toMatchObject({ code: 0 });
    const made = await runMain(['keys', 'create', 'bolts', '--json'], DATA).finished;
    const { id, key: text } = JSON.parse(made.stdout) as { id: string; key: string };
    const refused = await runMain(['keys', 'revoke', 'nokey'], DATA).finished;
    expect(refused.code).toBe(1);
    const shown = await runMain(['audit', '--since', since, '--json'], DATA).finished;
    const lines = shown.stdout.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { operation: 'createClient', phase: 'begun', by: { user: expect.any(String) } },
      { operation: 'createClient', phase: 'ended', outcome: { done: true } },
      { operation: 'createKey', phase: 'begun', subject: { client: 'bolts' } },
      { operation: 'createKey', phase: 'ended', subject: { client: 'bolts', id } },
      { operation: 'revokeKey', phase: 'begun' },
      { operation: 'revokeKey', phase: 'ended', outcome: { error: 'key_not_found' } },
    ]);
    const plain = await runMain(['audit', '--since', since], DATA).finished;
    expect(plain.stdout).toMatch(/revokeKey key=nokey {2}ended key_not_found\n$/);
    expect(shown.stdout + plain.stdout).not.toContain(text.slice(21));
    const wrong = await runMain(['audit', '--since', 'yesterday'], DATA).finished;
    expect([wrong.code, wrong.stderr]).toEqual([
      1,
      'invalid_request: --since must be an ISO 8601 time such as 2026-01-31, not "yesterday"\n',
    ]);
  });
});

describe('where machines come and go', () => {
  it('it is in their logs', async () => {
    const config = readConfig({ STORE: 'aws', S3_BUCKET: 'models' });
    expect((await (await compose(config)).audit()).constructor.name).toBe('AuditLines');
  });
});
