import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { StoredRegistry } from '../../src/adapters/stores/registry.js';
import type { Batch } from '../../src/datasets/port.js';
import { packVersion } from '../../src/registry/version.js';
import { DIAMOND, MODEL_DIR } from '../support/app.js';
import { newBucket } from '../support/bucket.js';
import { FLATS, flats, sha256 } from '../support/datasets.js';
import { describeAws } from '../support/emulator.js';
import { runMain, startServer } from '../support/process.js';
import { sized } from '../support/size.js';
import { retrained, SHIPPED_ID } from '../support/versions.js';

const MANY = sized(20, 100);
/** After how many more batches the server is killed. */
const KILLS = [1, 5, 12];
const CLIENTS = 8;

describeAws('a server that keeps everything in S3', () => {
  let bucket: Awaited<ReturnType<typeof newBucket>>;
  let env: Record<string, string>;
  let server: Awaited<ReturnType<typeof startServer>>;
  beforeAll(async () => {
    bucket = await newBucket();
    env = { ...bucket.env, S3_PREFIX: 'lapidary/', MODEL_REFRESH_S: '0' };
    const model = join(MODEL_DIR, 'diamonds');
    const target = `s3://${bucket.name}/lapidary/models/diamonds`;
    const sync = ['s3', 'sync', model, target, '--endpoint-url', bucket.endpoint];
    await promisify(execFile)('aws', sync, { env: { ...process.env, ...bucket.env } });
    server = await startServer(env);
  }, 120_000);
  afterAll(async () => {
    server.child.kill();
    await server.finished;
  });

  async function restart(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    server.child.kill(signal);
    await server.finished;
    server = await startServer(env);
  }
  const send = (method: string, path: string, type: string, body: string | Buffer, headers = {}) =>
    fetch(server.url + path, { method, headers: { 'content-type': type, ...headers }, body });
  const sendJson = (method: string, path: string, body: unknown) =>
    send(method, path, 'application/json', JSON.stringify(body));
  const define = (dataset: string) => sendJson('PUT', `/datasets/${dataset}`, FLATS);
  const append = (dataset: string, text: string) =>
    send('POST', `/datasets/${dataset}`, 'text/csv', text);
  const json = async <Body = Record<string, never>>(answer: Response | Promise<Response>) =>
    (await (await answer).json()) as Body;
  const batchesOf = async (dataset: string) =>
    (await json<{ items: Batch[] }>(fetch(`${server.url}/datasets/${dataset}?limit=1000`))).items;

  it('serves the models that were copied there', async () => {
    const answer = await sendJson('POST', '/models/diamonds/predictions', { instances: [DIAMOND] });
    const local = await startServer();
    const shipped = await fetch(`${local.url}/models/diamonds/predictions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ instances: [DIAMOND] }),
    });
    local.child.kill();
    const value = ({ predictions: [first] }: { predictions: { value: number }[] }) => first!.value;
    expect(value(await json(answer))).toBe(value(await json(shipped)));
    await local.finished;
  }, 60_000);

  it('answers with one of them what SageMaker asks', async () => {
    // As infra/endpoint.tf has it: there are no tables, and nothing but S3 is kept anywhere.
    const endpoint = await startServer({
      ...env,
      HOST: '0.0.0.0',
      ACCESS: 'open',
      ADMIN_ROUTES: 'off',
      DATA_DIR: '/dev/null/nowhere',
      INVOCATIONS_MODEL: 'diamonds',
    });
    const url = `http://127.0.0.1:${new URL(endpoint.url).port}`;
    try {
      const ping = await fetch(`${url}/ping`);
      expect([ping.status, await ping.json()]).toEqual([
        200,
        { model: 'diamonds', version: SHIPPED_ID },
      ]);
      const answer = await fetch(`${url}/invocations`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ instances: [DIAMOND] }),
      });
      expect([answer.status, await answer.json()]).toEqual([
        200,
        expect.objectContaining({ version: SHIPPED_ID }),
      ]);
    } finally {
      endpoint.child.kill();
    }
    expect((await endpoint.finished).code).toBe(0);
  }, 60_000);

  it('promotes, rolls back, and remembers', async () => {
    const { id, files } = packVersion(retrained(1));
    const elsewhere = bucket.newPlace('lapidary/').open();
    await new StoredRegistry(elsewhere).publish('diamonds', id, files);
    const versionOf = async () =>
      (await json(sendJson('POST', '/models/diamonds/predictions', { instances: [DIAMOND] })))
        .version;
    const promoted = await sendJson('PUT', '/models/diamonds/aliases/champion', {
      version: id,
      expected: SHIPPED_ID,
    });
    expect([promoted.status, await versionOf()]).toEqual([200, id]);
    await restart();
    expect(await versionOf()).toBe(id);
    await sendJson('POST', '/models/diamonds/aliases/champion/rollback', {});
    expect(await versionOf()).toBe(SHIPPED_ID);
    const { stdout } = await runMain(['versions', 'diamonds', '--json'], env).finished;
    expect(stdout).toContain(id);
  }, 60_000);

  it('takes batches plain, packed and in parts, and has them after a restart', async () => {
    expect((await define('flats')).status).toBe(201);
    const texts = [flats(500), flats(500, 1000), flats(40_000, 10_000)];
    expect((await append('flats', texts[0]!)).status).toBe(201);
    const packed = { 'content-encoding': 'gzip' };
    const sent = await send('POST', '/datasets/flats', 'text/csv', gzipSync(texts[1]!), packed);
    expect(sent.status).toBe(201);
    const started = await sendJson('POST', '/datasets/flats/uploads', {});
    const upload = started.headers.get('location')!;
    const parts = [texts[2]!.slice(0, 300_000), texts[2]!.slice(300_000)];
    const putPart = (i: number) =>
      send('PUT', `${upload}/parts/${i + 1}`, 'application/octet-stream', parts[i]!, {
        'x-checksum-sha256': sha256(parts[i]!),
      });
    expect((await putPart(1)).status).toBe(200);
    await restart('SIGKILL');
    expect((await putPart(0)).status).toBe(200);
    const named = parts.map((part, i) => ({ number: i + 1, checksum: sha256(part) }));
    const done = await sendJson('POST', `${upload}/complete`, { parts: named });
    expect([done.status, await json(done)]).toEqual([
      201,
      expect.objectContaining({ checksum: sha256(texts[2]!), rows: 40_000 }),
    ]);
    await restart();
    const batches = await batchesOf('flats');
    expect(batches.map(({ checksum }) => checksum)).toEqual(texts.map(sha256));
    for (const [i, { id }] of batches.entries()) {
      const content = await fetch(`${server.url}/datasets/flats/batches/${id}/content`);
      expect(await content.text()).toBe(texts[i]);
    }
  }, 60_000);

  it('takes many batches at once, and the same one once', async () => {
    await define('many');
    const texts = Array.from({ length: MANY }, (_, i) => flats(3, i * 10));
    const answers = await Promise.all(texts.map((text) => append('many', text)));
    expect(answers.map(({ status }) => status)).toEqual(texts.map(() => 201));
    const checksums = (await batchesOf('many')).map(({ checksum }) => checksum);
    expect([...checksums].sort()).toEqual(texts.map(sha256).sort());
    await define('same');
    const same = await Promise.all(texts.map(() => append('same', texts[0]!)));
    expect(same.map(({ status }) => status).sort()).toEqual([...Array(MANY - 1).fill(200), 201]);
    expect(await batchesOf('same')).toHaveLength(1);
  }, 60_000);

  it('has every batch that it acknowledged, once and whole, when it is killed', async () => {
    await define('killed');
    const acknowledged = new Set<string>();
    let first = 0;
    const appendUntilGone = async (): Promise<void> => {
      for (;;) {
        first += 1000;
        const answer = await append('killed', flats(1000, first));
        if (answer.status !== 201) throw new Error(`it answered ${answer.status}`);
        acknowledged.add((await json<Batch>(answer)).checksum);
      }
    };
    for (const more of KILLS) {
      const enough = acknowledged.size + more;
      const clients = Array.from({ length: CLIENTS }, appendUntilGone);
      while (acknowledged.size < enough) await new Promise((resolve) => setTimeout(resolve, 1));
      const restarting = restart('SIGKILL');
      await Promise.allSettled(clients);
      await restarting;
      const batches = await batchesOf('killed');
      const checksums = batches.map(({ checksum }) => checksum);
      expect(new Set(checksums).size).toBe(checksums.length);
      for (const checksum of acknowledged) expect(checksums).toContain(checksum);
      for (const { id, checksum } of batches) {
        const content = await fetch(`${server.url}/datasets/killed/batches/${id}/content`);
        expect(sha256(await content.text())).toBe(checksum);
      }
    }
  }, 120_000);

  it('reports a missing bucket', async () => {
    const none = { ...env, S3_BUCKET: 'lapidary-no-such-bucket' };
    const { code, stderr } = await runMain(['models'], none).finished;
    expect(code).toBe(1);
    expect(stderr).toMatch(/storage_unavailable: the bucket "lapidary-no-such-bucket" cannot be/);
    const unnamed = await runMain(['models'], { ...env, S3_BUCKET: '' }).finished;
    expect([unnamed.code, unnamed.stderr]).toEqual([
      1,
      expect.stringContaining('S3_BUCKET must be set where STORE is aws'),
    ]);
  }, 30_000);
});
