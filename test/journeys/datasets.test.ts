import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readConfig } from '../../src/compose/config.js';
import { compose } from '../../src/compose/index.js';
import type { Batch } from '../../src/datasets/port.js';
import { parseSpec } from '../../src/ml/parse-spec.js';
import { openDataset } from '../../src/rows/open.js';
import { MODEL_DIR } from '../support/app.js';
import { sha256 } from '../support/datasets.js';
import { runMain, startServer } from '../support/process.js';

const BATCHES = 10;
const SPEC = join(MODEL_DIR, 'diamonds', 'spec.json');
const [header, ...rows] = readFileSync(
  new URL('../../node_modules/@observablehq/sample-datasets/diamonds.csv', import.meta.url),
  'utf8',
)
  .trim()
  .split('\n');
const SIZE = Math.ceil(rows.length / BATCHES);
const batches = Array.from({ length: BATCHES }, (_, i) =>
  [header, ...rows.slice(i * SIZE, (i + 1) * SIZE), ''].join('\n'),
);

describe('a dataset of ten batches of diamonds', () => {
  const directory = mkdtempSync(join(tmpdir(), 'lapidary-data-'));
  const env = { MODEL_DIR: join(directory, 'models'), DATA_DIR: join(directory, 'data') };
  const run = (...args: string[]) => runMain(['datasets', ...args], env).finished;
  let server: Awaited<ReturnType<typeof startServer>>;
  beforeAll(async () => {
    cpSync(join(MODEL_DIR, 'diamonds'), join(env.MODEL_DIR, 'diamonds'), { recursive: true });
    server = await startServer(env);
  });
  afterAll(async () => {
    server.child.kill();
    await server.finished;
    rmSync(directory, { recursive: true });
  });

  const send = (method: string, path: string, type: string, body: string | Buffer, headers = {}) =>
    fetch(server.url + path, { method, headers: { 'content-type': type, ...headers }, body });
  const json = async (answer: Response) => (await answer.json()) as Record<string, never>;

  it('is made through the API: plain, packed and in parts', async () => {
    const { features, target } = JSON.parse(readFileSync(SPEC, 'utf8'));
    const schema = JSON.stringify({ features, target });
    const defined = await send('PUT', '/datasets/diamonds', 'application/json', schema);
    expect(defined.status).toBe(201);
    for (const [i, text] of batches.slice(0, 8).entries()) {
      const packed = i % 2 === 1;
      const answer = await send(
        'POST',
        '/datasets/diamonds',
        'text/csv',
        packed ? gzipSync(text) : text,
        packed ? { 'content-encoding': 'gzip' } : {},
      );
      expect(answer.status).toBe(201);
      expect(await json(answer)).toMatchObject({ checksum: sha256(text), quarantined: 0 });
    }
    const start = await send('POST', '/datasets/diamonds/uploads', 'application/json', '{}');
    const upload = start.headers.get('location')!;
    const half = batches[8]!.length >> 1;
    const parts = [batches[8]!.slice(0, half), batches[8]!.slice(half)];
    for (const [i, part] of parts.entries()) {
      const answer = await send(
        'PUT',
        `${upload}/parts/${i + 1}`,
        'application/octet-stream',
        part,
        { 'x-checksum-sha256': sha256(part) },
      );
      expect(answer.status).toBe(200);
    }
    const named = parts.map((part, i) => ({ number: i + 1, checksum: sha256(part) }));
    const body = JSON.stringify({ parts: named });
    const done = await send('POST', `${upload}/complete`, 'application/json', body);
    expect([done.status, await json(done)]).toEqual([
      201,
      expect.objectContaining({ checksum: sha256(batches[8]!) }),
    ]);
  });

  it('is gone on with on the command line, while the server runs', async () => {
    const file = join(directory, 'last.csv.gz');
    writeFileSync(file, gzipSync(batches[9]!));
    const appended = await run('append', 'diamonds', file);
    expect([appended.code, appended.stderr]).toEqual([0, '']);
    expect(appended.stdout).toMatch(/last\.csv\.gz: batch [0-9a-f]{16}, 5,394 rows/);
    const again = await run('append', 'diamonds', file, '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({ file, created: false });
    const list = await run('list');
    expect(list.stdout).toMatch(/dataset +batches .*\ndiamonds +10 +53,940 +0 /);
    const shown = JSON.parse((await run('show', 'diamonds', '--json')).stdout);
    expect(shown.totals).toMatchObject({ batches: 10, rows: 53_940 });
    expect((await run('show', 'diamonds')).stdout).toMatch(/"price" from carat, .*\n\nbatch +/);
    const served = await json(await fetch(`${server.url}/datasets/diamonds`));
    expect(served).toEqual(shown);
    expect(shown.items.map(({ checksum }: Batch) => checksum)).toEqual(batches.map(sha256));
  });

  it('has the same rows on the same sides as the file that it was cut from', async () => {
    const { datasets } = await (await compose(readConfig(env))).operator.datasets();
    const spec = parseSpec(JSON.parse(readFileSync(SPEC, 'utf8')));
    const whole = {
      origin: 'diamonds.csv',
      format: 'csv' as const,
      read: async function* () {
        yield Buffer.from([header, ...rows, ''].join('\n'));
      },
    };
    const targetsOf = async (source: Parameters<typeof openDataset>[0]) => {
      const sides: { training: number[]; test: number[] } = { training: [], test: [] };
      for await (const { training, test } of openDataset(source, spec).blocks()) {
        sides.training.push(...training.targets);
        sides.test.push(...test.targets);
      }
      return sides;
    };
    const merged = await targetsOf(await datasets.openDataset({ dataset: 'diamonds' }));
    expect(merged.test).toHaveLength(10_789);
    expect(merged).toEqual(await targetsOf(whole));
  });

  it('is what a model is scored on that names it as its source', async () => {
    const source = join(env.MODEL_DIR, 'diamonds', 'source.json');
    writeFileSync(source, JSON.stringify({ dataset: 'diamonds' }));
    const { code, stdout } = await runMain(['score', 'diamonds', '--json'], env).finished;
    const shipped = await runMain(['score', 'diamonds', '--json']).finished;
    expect([code, JSON.parse(stdout).data.testRows]).toEqual([0, 10_789]);
    expect(JSON.parse(stdout).metrics.mae).toBeCloseTo(JSON.parse(shipped.stdout).metrics.mae, 4);
  }, 30_000);

  it('is made on the command line too', async () => {
    const created = await run('create', 'stones', '--schema', SPEC);
    expect([created.code, created.stdout]).toEqual([0, 'stones: created\n']);
    const again = await run('create', 'stones', '--schema', SPEC, '--json');
    expect(JSON.parse(again.stdout)).toEqual({ name: 'stones', done: 'replaced' });
    expect(JSON.parse((await run('list', '--json')).stdout).items).toHaveLength(2);
  });

  it.each([
    [['append', 'stones', 'nowhere.csv'], /^invalid_dataset: file nowhere\.csv not found/],
    [['append', 'rubies', SPEC], /^dataset_not_found: /],
    [['append', 'stones', SPEC], /^invalid_dataset: /],
    [['show', 'rubies'], /^dataset_not_found: /],
    [
      ['create', 'stones', '--schema', 'nowhere.json'],
      /^invalid_schema: cannot read nowhere\.json/,
    ],
    [['create', 'Stones', '--schema', SPEC], /^invalid_schema: "Stones" is not a valid name/],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await run(...args);
    expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
  });

  it('is not available to other machines unless configured', async () => {
    const closed = await startServer({ ...env, HOST: '0.0.0.0', ACCESS: 'open' });
    const url = closed.url.replace('0.0.0.0', '127.0.0.1');
    expect((await fetch(`${url}/datasets`)).status).toBe(404);
    closed.child.kill();
    await closed.finished;
  });

  it('leaves nothing behind but its batches', () => {
    const written = readdirSync(join(env.DATA_DIR), { recursive: true, withFileTypes: true });
    const contents = written.filter(({ name }) => name === 'content');
    expect(contents).toHaveLength(10);
  });
});
