import { afterAll, describe, expect, it } from '@jest/globals';
import type { Response } from 'light-my-request';
import { SCOPES, type Scope } from '../../src/access/port.js';
import { DIAMOND } from '../support/app.js';
import { chunked, FLATS, flats, sha256 } from '../support/datasets.js';
import { guardedApp } from '../support/keys.js';
import { scopesByOperation } from '../support/policies.js';
import { publishRandom } from '../support/publish.js';

const { app, access, composed, dependencies, remove } = await guardedApp();
afterAll(remove);

/*
 * What acme has: the dataset flats with a batch, two uploads, the model marked with two versions, and a batch
 * prediction by a shared model that is done. A rival has a key for everything but administration.
 */
const acme = composed.workspaceOf('acme');
const acmeFirst = await publishRandom(acme.versions, 1);
const acmeSecond = await publishRandom(acme.versions, 2);
const { datasets, uploads } = await acme.datasets();
await datasets.define('flats', FLATS);
await datasets.define('doomed', FLATS);
const { batch } = await datasets.append('flats', 'csv', chunked(flats(60)));
const [upload, abandoned] = [
  (await uploads.start('flats', {})).id,
  (await uploads.start('flats', {})).id,
];
const part = flats(2, 50);
const diamondsCsv = `${Object.keys(DIAMOND).join(',')}\n${Object.values(DIAMOND).join(',')}\n`;
const predictions = await acme.batchPredictions();
const job = (await predictions.submitRows('diamonds', 'csv', chunked(diamondsCsv))).id;
const worker = await composed.jobWorker();
await worker.runNext();
const waiting = (await (await acme.jobs()).submit({ kind: 'training', model: 'marked', order: {} }))
  .id;

const keyOf = async (client: string, scopes: readonly Scope[]) =>
  (await access.keys.createKey(client, scopes)).key;
await access.keys.createClient({ id: 'rival', name: 'Rival', plan: 'unlimited' });
const rival = await keyOf('rival', ['predict', 'data', 'train']);
const doomedKey = (await access.keys.createKey('acme', ['predict'])).id;
const rotatedKey = (await access.keys.createKey('acme', ['predict'])).id;

/** One call of an operation, and what it answers. */
interface Row {
  operation: string;
  method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  url: string;
  headers?: Record<string, string>;
  body?: object | string;
  /** The status for acme's key, of the scopes that are needed, or of these. */
  right: number;
  scopes?: readonly Scope[];
  /** The status for the rival, who asks for what is acme's. */
  rival: number;
  /** What the rival is told, where that is something. */
  told?: (body: unknown) => void;
}

const DATASET = '/datasets/flats';
const BATCH = `${DATASET}/batches/${batch.id}`;
const UPLOAD = `${DATASET}/uploads/${upload}`;
const MODEL = '/models/marked';
const namesNothingOf = (word: string) => (body: unknown) =>
  expect(JSON.stringify(body)).not.toContain(word);

const get = (operation: string, url: string, forRival = 404, more: Partial<Row> = {}): Row => ({
  operation,
  method: 'GET',
  url,
  right: 200,
  rival: forRival,
  ...more,
});
/** What is for admins only: the rival has no scope for it. */
const forAdmins = (row: Omit<Row, 'rival'>): Row => ({ ...row, rival: 403 });

const ROWS: Row[] = [
  get('live', '/health/live', 200),
  get('ready', '/health/ready', 200, { told: namesNothingOf('marked') }),

  get('listModels', '/models', 200, { told: namesNothingOf('marked') }),
  get('getModel', MODEL),
  {
    operation: 'predict',
    method: 'POST',
    url: `${MODEL}/predictions`,
    body: { instances: [{ weight: 'heavy' }] },
    right: 422,
    rival: 404,
  },
  {
    operation: 'predictBatch',
    method: 'POST',
    url: '/models/diamonds/batch-predictions',
    body: { dataset: 'flats' },
    // The dataset was found: it has no diamonds.
    right: 422,
    scopes: ['predict', 'data'],
    rival: 404,
  },
  get('getBatchPredictionResult', `/models/diamonds/batch-predictions/${job}/result`),
  get('getBatchPredictionRejects', `/models/diamonds/batch-predictions/${job}/rejects`),
  get('listVersions', `${MODEL}/versions`),
  get('getVersion', `${MODEL}/versions/${acmeFirst}`),
  get('compareVersions', `${MODEL}/versions/${acmeFirst}/compare/${acmeSecond}`),
  get('listAliases', `${MODEL}/aliases`),

  get('listDatasets', '/datasets', 200, { told: namesNothingOf('flats') }),
  get('getDataset', DATASET),
  {
    operation: 'defineDataset',
    method: 'PUT',
    url: '/datasets/made',
    body: FLATS,
    right: 201,
    rival: 201,
  },
  {
    operation: 'appendBatch',
    method: 'POST',
    url: DATASET,
    headers: { 'content-type': 'text/csv' },
    body: flats(4, 70),
    right: 201,
    rival: 404,
  },
  get('getBatch', BATCH),
  get('getBatchContent', `${BATCH}/content`),
  get('getBatchQuarantine', `${BATCH}/quarantine`),
  {
    operation: 'startUpload',
    method: 'POST',
    url: `${DATASET}/uploads`,
    body: {},
    right: 201,
    rival: 404,
  },
  get('getUpload', UPLOAD),
  {
    operation: 'putPart',
    method: 'PUT',
    url: `${UPLOAD}/parts/1`,
    headers: {
      'content-type': 'application/octet-stream',
      'x-checksum-sha256': sha256(part),
    },
    body: part,
    right: 200,
    rival: 404,
  },
  {
    operation: 'completeUpload',
    method: 'POST',
    url: `${UPLOAD}/complete`,
    body: { parts: [{ number: 1, checksum: sha256(part) }] },
    right: 201,
    rival: 404,
  },
  {
    operation: 'abortUpload',
    method: 'DELETE',
    url: `${DATASET}/uploads/${abandoned}`,
    right: 204,
    rival: 404,
  },
  {
    operation: 'removeDataset',
    method: 'DELETE',
    url: '/datasets/doomed',
    right: 204,
    rival: 404,
  },

  {
    operation: 'fitModel',
    method: 'PUT',
    url: '/models/rents',
    body: { dataset: 'flats' },
    right: 202,
    rival: 404,
  },
  get('listJobs', '/jobs', 200, { told: (body) => expect(body).toEqual({ items: [] }) }),
  get('getJob', `/jobs/${job}`),
  get('getJobLog', `/jobs/${job}/log`),
  {
    operation: 'cancelJob',
    method: 'POST',
    url: `/jobs/${waiting}/cancel`,
    right: 200,
    rival: 404,
  },

  {
    operation: 'moveAlias',
    method: 'PUT',
    url: `${MODEL}/aliases/challenger`,
    body: { version: acmeFirst, shadow: true },
    right: 200,
    rival: 404,
  },
  {
    operation: 'removeAlias',
    method: 'DELETE',
    url: `${MODEL}/aliases/challenger`,
    right: 204,
    rival: 404,
  },
  {
    operation: 'rollBack',
    method: 'POST',
    url: `${MODEL}/aliases/champion/rollback`,
    right: 200,
    rival: 404,
  },
  {
    operation: 'deleteVersion',
    method: 'DELETE',
    url: `${MODEL}/versions/${acmeSecond}`,
    right: 204,
    rival: 404,
  },
  { operation: 'removeModel', method: 'DELETE', url: MODEL, right: 204, rival: 404 },

  forAdmins({ operation: 'listClients', method: 'GET', url: '/clients', right: 200 }),
  forAdmins({
    operation: 'createClient',
    method: 'POST',
    url: '/clients',
    body: { id: 'new' },
    right: 201,
  }),
  forAdmins({
    operation: 'changeClient',
    method: 'PATCH',
    url: '/clients/rival',
    body: { name: 'Rival' },
    right: 200,
  }),
  forAdmins({ operation: 'listKeys', method: 'GET', url: '/keys', right: 200 }),
  forAdmins({
    operation: 'createKey',
    method: 'POST',
    url: '/keys',
    body: { client: 'rival', scopes: ['predict'] },
    right: 201,
  }),
  forAdmins({
    operation: 'rotateKey',
    method: 'POST',
    url: `/keys/${rotatedKey}/rotate`,
    body: {},
    right: 201,
  }),
  forAdmins({ operation: 'revokeKey', method: 'DELETE', url: `/keys/${doomedKey}`, right: 200 }),
  forAdmins({ operation: 'listPlans', method: 'GET', url: '/plans', right: 200 }),
  forAdmins({
    operation: 'putPlan',
    method: 'PUT',
    url: '/plans/own',
    body: {
      requestsPerSecond: 1,
      burst: 1,
      predictionsPerMonth: 1,
      maxInstances: 1,
      maxDatasetBytes: 1,
      trainingMinutesPerMonth: 1,
      currency: 'USD',
      pricePerThousandPredictions: '0',
      pricePerTrainingMinute: '0',
    },
    right: 200,
  }),
  forAdmins({ operation: 'getUsage', method: 'GET', url: '/usage', right: 200 }),
];

const scopes = await scopesByOperation(dependencies);

const send = ({ method, url, headers, body }: Row, key?: string): Promise<Response> =>
  app.inject({
    method,
    url,
    headers: { ...headers, ...(key !== undefined && { authorization: `Bearer ${key}` }) },
    ...(body !== undefined && { payload: body }),
  });

describe('every operation', () => {
  it('has its row in the table', async () => {
    const { paths } = (await app.inject('/openapi.json')).json();
    const operations = Object.values<Record<string, { operationId: string }>>(paths)
      .flatMap((methods) => Object.values(methods))
      // The document tells of this one for each shared model, too.
      .map(({ operationId }) => operationId.replace(/^predict_.*/, 'predict'));
    const rows = ROWS.map(({ operation }) => operation);
    expect(rows.sort()).toEqual([...new Set(operations)].sort());
  });
});

describe.each(ROWS)('$operation', (row) => {
  const needed = scopes.get(row.operation);
  const refused: [string, () => Promise<string | undefined>, number][] = [
    ['no key', async () => undefined, 401],
    ['an unknown key', async () => `lap_${'0'.repeat(16)}_${'0'.repeat(49)}`, 401],
    [
      'one that has expired',
      async () => {
        const { id, key } = await access.keys.createKey('acme', SCOPES);
        await access.keys.rotateKey(id, 0);
        return key;
      },
      401,
    ],
    [
      'one that was revoked',
      async () => {
        const { id, key } = await access.keys.createKey('acme', SCOPES);
        await access.keys.revokeKey(id);
        return key;
      },
      401,
    ],
    [
      'one of other scopes',
      () =>
        keyOf(
          'acme',
          SCOPES.filter((scope) => needed === undefined || !needed.includes(scope)),
        ),
      403,
    ],
  ];

  it.each(refused)('refuses %s', async (_what, key, status) => {
    const answer = await send(row, await key());
    expect(answer.statusCode).toBe(needed === 'open' ? row.right : status);
  });

  it('reveals nothing to another client', async () => {
    const answer = await send(row, rival);
    expect(answer.statusCode).toBe(row.rival);
    row.told?.(answer.json());
    if (row.rival === 404) expect(answer.json().code).toMatch(/_not_found$/);
  });

  it('does it for the right one', async () => {
    const held = row.scopes ?? (needed === 'open' ? SCOPES : needed!.slice(0, 1));
    const answer = await send(row, await keyOf('acme', held));
    expect([answer.statusCode, answer.statusCode === row.right ? '' : answer.body]).toEqual([
      row.right,
      '',
    ]);
  });
});
