import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SCOPES } from '../../src/access/port.js';
import { readConfig } from '../../src/compose/config.js';
import { compose } from '../../src/compose/index.js';
import { DIAMOND } from '../support/app.js';
import { sha256 } from '../support/datasets.js';
import { startServer } from '../support/process.js';
import { sized } from '../support/size.js';
import { mountSmallDisk, type SmallDisk } from '../support/small-disk.js';
import { BOXES, boxesCsv } from '../support/training.js';

const MEGABYTES = 12;
const TRIES = sized(10, 40);
const MONTH = new Date().toISOString().slice(0, 7);

const disk = mountSmallDisk(MEGABYTES);

(disk ? describe : describe.skip)('a server whose disk is full', () => {
  const { path, fill, free, remove } = disk as SmallDisk;
  const env = {
    DATA_DIR: join(path ?? '', 'data'),
    ACCESS: 'keys',
    LOG_LEVEL: 'info',
    JOB_POLL_S: '1',
  };
  const headers = { authorization: '' };
  const acknowledged: string[] = [];
  let server: Awaited<ReturnType<typeof startServer>>;
  let answered = 0;

  beforeAll(async () => {
    mkdirSync(env.DATA_DIR);
    const access = await (await compose(readConfig(env))).access();
    await access.keys.createClient({ id: 'acme', name: 'Acme Ltd', plan: 'standard' });
    headers.authorization = `Bearer ${
      (
        await access.keys.createKey(
          'acme',
          SCOPES.filter((scope) => scope !== 'admin'),
        )
      ).key
    }`;
    admin.authorization = `Bearer ${(await access.keys.createKey('acme', ['admin'])).key}`;
    await access.close();
    server = await startServer(env);
  });
  afterAll(async () => {
    server.child.kill('SIGKILL');
    await server.finished;
    remove();
  });
  const admin = { authorization: '' };

  /** The status and, of a refusal, its code. */
  async function ask(
    method: string,
    route: string,
    body?: string,
    type = 'text/csv',
    by = headers,
  ) {
    const answer = await fetch(server.url + route, {
      method,
      ...(body !== undefined && { body }),
      headers: { ...by, ...(body !== undefined && { 'content-type': type }) },
    });
    const text = await answer.text();
    const { code } =
      answer.status < 400 ? { code: undefined } : (JSON.parse(text) as { code: string });
    return code === undefined ? String(answer.status) : `${answer.status} ${code}`;
  }
  const predict = () =>
    ask(
      'POST',
      '/models/diamonds/predictions',
      JSON.stringify({ instances: [DIAMOND] }),
      'application/json',
    );
  const append = async (rows: number) => {
    const csv = boxesCsv(rows);
    const said = await ask('POST', '/datasets/boxes', csv);
    if (said === '201') acknowledged.push(sha256(csv));
    return said;
  };

  async function tryAll(): Promise<void> {
    const said = new Set<string>();
    for (let i = 0; i < TRIES; i++) {
      const status = await predict();
      said.add(status);
      if (status === '200') answered++;
    }
    expect(
      [...said].filter((each) => each !== '200' && each !== '503 storage_unavailable'),
    ).toEqual([]);
    expect(await append(300)).toBe('507 storage_full');
    expect(await ask('PUT', '/datasets/more', JSON.stringify(BOXES), 'application/json')).toBe(
      '507 storage_full',
    );
    expect(await ask('POST', '/models/diamonds/batch-predictions', 'carat\n1\n')).toMatch(
      /^4|^507/,
    );
    const order = JSON.stringify({ dataset: 'boxes' });
    expect(await ask('POST', '/models/boxes/batch-predictions', order, 'application/json')).toMatch(
      /^404|^507/,
    );
    const key = JSON.stringify({ client: 'acme', scopes: ['predict'] });
    expect(await ask('POST', '/keys', key, 'application/json', admin)).toBe('507 storage_full');
    expect(await ask('GET', '/datasets/boxes')).toBe('200');
    expect(await ask('GET', '/health/ready')).toBe('200');
  }

  it('continues or reports the failure, starts again, loses nothing and recovers', async () => {
    expect(await ask('PUT', '/datasets/boxes', JSON.stringify(BOXES), 'application/json')).toBe(
      '201',
    );
    expect(await append(200)).toBe('201');
    expect(await predict()).toBe('200');
    answered++;
    fill();
    await tryAll();
    server.child.kill('SIGKILL');
    await server.finished;
    server = await startServer(env);
    await tryAll();
    free();
    expect(await predict()).toBe('200');
    answered++;
    expect(await append(400)).toBe('201');
    const listed = await fetch(`${server.url}/datasets/boxes`, { headers });
    const { items: batches } = (await listed.json()) as { items: { checksum: string }[] };
    expect(batches.map(({ checksum }) => checksum)).toEqual(acknowledged);
    const usage = await fetch(`${server.url}/usage?month=${MONTH}`, { headers: admin });
    const { items: clients } = (await usage.json()) as { items: { totals: object }[] };
    expect(clients[0]!.totals).toMatchObject({ predictions: answered });
    expect(server.child.exitCode).toBeNull();
  }, 120_000);
});
