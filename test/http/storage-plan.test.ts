import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { builtInPlan } from '../../src/access/plans.js';
import { BLOCK_BYTES } from '../../src/core/room.js';
import { DIAMOND } from '../support/app.js';
import { BOXES, boxesCsv } from '../support/boxes.js';
import { sha256 } from '../support/datasets.js';
import { guardedApp } from '../support/keys.js';

const DATASET_BYTES = 100_000;
const STORED_BYTES = 400_000;
const OPEN_UPLOADS = 3;
const JOBS = 3;
const ROWS = '/models/diamonds/batch-predictions';
const EXCEEDED = { status: 403, body: { code: 'plan_exceeded' } };

let world: Awaited<ReturnType<typeof guardedApp>>;
const auth = { authorization: '' };
beforeAll(async () => {
  world = await guardedApp({
    MAX_OPEN_UPLOADS: String(OPEN_UPLOADS),
    MAX_JOBS: String(JOBS),
    JOB_WORKERS: '0',
  });
  await world.app.ready();
});
afterAll(() => world.remove());

/** A client of its own, on a small plan. */
async function newClient(id: string): Promise<void> {
  const { name: _, ...free } = builtInPlan('free')!;
  await world.access.keys.putPlan('tiny', {
    ...free,
    requestsPerSecond: null,
    maxDatasetBytes: DATASET_BYTES,
    maxStoredBytes: STORED_BYTES,
  });
  await world.access.keys.createClient({ id, name: id, plan: 'tiny' });
  const issued = await world.access.keys.createKey(id, ['predict', 'data', 'train']);
  auth.authorization = `Bearer ${issued.key}`;
}
const api = () => request(world.app.server);

/** Bytes of all files of a client, unfinished ones too. */
function storedBy(id: string): number {
  const directory = join(world.directory, 'clients', id);
  if (!existsSync(directory)) return 0;
  const files = readdirSync(directory, { recursive: true, withFileTypes: true });
  const sizes = files
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => statSync(join(parentPath, name)).size);
  return sizes.reduce((sum, size) => sum + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES, 0);
}

const define = (dataset: string) => api().put(`/datasets/${dataset}`).set(auth).send(BOXES);
const append = (dataset: string, csv: string) =>
  api().post(`/datasets/${dataset}`).set(auth).type('text/csv').send(csv);
const ROW_BYTES = boxesCsv(1000).length / 1000;
/** About so many bytes of rows. */
const csvOf = (bytes: number, seed = 1) => boxesCsv(Math.floor(bytes / ROW_BYTES), seed);

describe('a client on a small plan', () => {
  it('cannot store rows that unpack to more than it allows, nor keeps a part of them', async () => {
    await newClient('bomber');
    const header = Object.keys(DIAMOND).join(',');
    const row = `${Object.values(DIAMOND).join(',')}\n`;
    const bomb = gzipSync(`${header}\n${row.repeat(100_000)}`);
    const answer = await api()
      .post(ROWS)
      .set({ ...auth, 'content-type': 'text/csv', 'content-encoding': 'gzip' })
      .send(bomb);
    expect(answer).toMatchObject(EXCEEDED);
    expect(storedBy('bomber')).toBe(0);
  });

  it('cannot store by many requests what it may not by one, and can once some is removed', async () => {
    await newClient('splitter');
    const said: number[] = [];
    for (let n = 0; n < 8; n++) {
      await define(`set-${n}`);
      said.push((await append(`set-${n}`, csvOf(0.8 * DATASET_BYTES, n + 1))).status);
    }
    expect(said.slice(0, 3)).toEqual([201, 201, 201]);
    expect(said[4]).toBe(403);
    expect(storedBy('splitter')).toBeLessThanOrEqual(STORED_BYTES + 8 * 8192);
    await new Promise((resolve) => setTimeout(resolve, 600));
    await api().delete('/datasets/set-0').set(auth).expect(204);
    await api().delete('/datasets/set-1').set(auth).expect(204);
    expect((await append('set-4', csvOf(0.5 * DATASET_BYTES, 9))).status).toBe(201);
  });

  it('cannot store more in the parts of an upload than in a dataset', async () => {
    await newClient('uploader');
    await define('boxes');
    const { body } = await api().post('/datasets/boxes/uploads').set(auth).expect(201);
    const put = (number: number, bytes: Buffer) =>
      api()
        .put(`/datasets/boxes/uploads/${body.id}/parts/${number}`)
        .set({ ...auth, 'content-type': 'application/octet-stream' })
        .set('x-checksum-sha256', sha256(bytes))
        .send(bytes);
    await put(1, Buffer.alloc(0.6 * DATASET_BYTES)).expect(200);
    expect(await put(2, Buffer.alloc(0.6 * DATASET_BYTES))).toMatchObject(EXCEEDED);
    // In the place of the first there is as much room as there was.
    await put(1, Buffer.alloc(0.9 * DATASET_BYTES)).expect(200);
  });

  it('may have so many uploads open', async () => {
    await newClient('opener');
    await define('boxes');
    await define('crates');
    const start = (dataset = 'boxes') => api().post(`/datasets/${dataset}/uploads`).set(auth);
    const begun = await Promise.all([start(), start('crates'), start(), start(), start()]);
    expect(begun.map(({ status }) => status).sort()).toEqual([201, 201, 201, 409, 409]);
    const refused = begun.find(({ status }) => status === 409)!;
    expect(refused.body.code).toBe('too_many_uploads');
    const first = begun.find(({ status }) => status === 201)!;
    await api().delete(first.headers.location!).set(auth).expect(204);
    await start().expect(201);
  });

  it('has so many jobs, the oldest of which makes room with what it stored', async () => {
    await newClient('submitter');
    const row = `${Object.keys(DIAMOND).join(',')}\n${Object.values(DIAMOND).join(',')}\n`;
    const submit = () => api().post(ROWS).set(auth).type('text/csv').send(row);
    const ids: string[] = [];
    for (let n = 0; n < JOBS; n++) ids.push((await submit().expect(202)).body.id);
    const stored = storedBy('submitter');
    expect((await submit().expect(409)).body.code).toBe('too_many_jobs');
    const worker = await world.composed.jobWorker();
    await worker.run(ids[0]!);
    await submit().expect(202);
    await api().get(`/jobs/${ids[0]}`).set(auth).expect(404);
    expect(storedBy('submitter')).toBe(stored);
  });

  it('keeps nothing of a job that failed or was cancelled', async () => {
    await newClient('failer');
    const header = Object.keys(DIAMOND).join(',');
    const submit = async (rows: string) => {
      const answer = await api().post(ROWS).set(auth).type('text/csv').send(`${header}\n${rows}`);
      expect(answer.status).toBe(202);
      return answer.body.id as string;
    };
    const failing = await submit('what,is,this\n'.repeat(100));
    const cancelled = await submit(`${Object.values(DIAMOND).join(',')}\n`);
    expect(storedBy('failer')).toBeGreaterThan(0);
    await api().post(`/jobs/${cancelled}/cancel`).set(auth).expect(200);
    const worker = await world.composed.jobWorker();
    await worker.run(failing);
    const { body } = await api().get(`/jobs/${failing}`).set(auth);
    expect(body).toMatchObject({ state: 'failed', error: { code: 'too_many_bad_rows' } });
    expect(storedBy('failer')).toBe(0);
  });
});
