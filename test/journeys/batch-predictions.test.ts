import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import supertest from 'supertest';
import { batchPredictionsApp } from '../support/batch-predictions.js';
import { sized } from '../support/size.js';

type Row = Record<string, string>;
/** More than the blocks in which they are read and predicted. */
const ROWS = sized(10_000, 100_000);
const EVERY = 997;
const PATH = '/models/diamonds/batch-predictions';

const require = createRequire(import.meta.url);
const file = readFileSync(require.resolve('@observablehq/sample-datasets/diamonds.csv'), 'utf8');
const [header, ...lines] = file.trim().split('\n');
const CSV = `${[header, ...Array.from({ length: ROWS }, (_, i) => lines[i % lines.length])].join('\n')}\n`;

const world = await batchPredictionsApp({ bytes: 1 << 26 });
const { app, worker, jobs } = world;
const api = supertest(app.server);
const { spec } = (await world.registry.champion('diamonds')).version;
beforeAll(async () => {
  await app.ready();
});
afterAll(async () => {
  await app.close();
  await world.remove();
});

const instanceOf = (row: Row) =>
  Object.fromEntries(
    spec.features.map(({ name, kind }) => [
      name,
      kind === 'number' ? Number(row[name]) : row[name],
    ]),
  );

/** Does the job of an answer, and compares some rows of its result with what single predictions say. */
async function expectSame({ status, body: { id } }: supertest.Response): Promise<void> {
  expect(status).toBe(202);
  await worker.run(id);
  const { result } = await jobs.get(id);
  expect(result).toMatchObject({ rows: ROWS, rejected: 0 });
  const { text } = await api.get((result as { links: { result: string } }).links.result);
  const rows = parse(text, { columns: true }) as Row[];
  expect(rows).toHaveLength(ROWS);
  const sampled = rows.filter((_, i) => i % EVERY === 0);
  for (const row of sampled) {
    const { body } = await api
      .post('/models/diamonds/predictions')
      .send({ instances: [instanceOf(row)] })
      .expect(200);
    // A row alone is summed up in another order than many at once: the last digit of a float may differ.
    expect(Number(row.prediction) / body.predictions[0].value - 1).toBeCloseTo(0, 6);
    expect(row).toMatchObject(sourceOf(Number(row.line) - 2));
  }
}

/** The row of the source at a place. */
function sourceOf(place: number): Row {
  const [row] = parse(`${header}\n${lines[place % lines.length]}`, { columns: true }) as Row[];
  return row!;
}

describe(`${ROWS} diamonds`, () => {
  it('are predicted as CSV, packed, as they are one by one', async () => {
    await expectSame(
      await api
        .post(PATH)
        .set({ 'content-type': 'text/csv', 'content-encoding': 'gzip' })
        .send(gzipSync(CSV)),
    );
  }, 60_000);

  it('are predicted as a dataset of several batches as they are one by one', async () => {
    const { features, target } = spec;
    await api.put('/datasets/gems').send({ features, target }).expect(201);
    const all = CSV.split('\n').slice(1, -1);
    for (const batch of [all.slice(0, 0.6 * ROWS), all.slice(0.6 * ROWS)])
      await api
        .post('/datasets/gems')
        .type('text/csv')
        .send(`${header}\n${batch.join('\n')}\n`)
        .expect(201);
    await expectSame(await api.post(PATH).send({ dataset: 'gems' }));
  }, 60_000);

  it('are predicted as JSON as they are one by one', async () => {
    const rows = (parse(CSV, { columns: true }) as Row[]).map((row) =>
      JSON.stringify({ ...row, ...instanceOf(row) }),
    );
    const answer = await api
      .post(PATH)
      .set({ 'content-type': 'application/x-ndjson', 'content-encoding': 'gzip' })
      .send(gzipSync(rows.join('\n')));
    const { id } = answer.body;
    await worker.run(id);
    const { text } = await api.get(`${PATH}/${id}/result`).expect(200);
    const predicted = parse(text, { columns: true }) as Row[];
    expect(predicted).toHaveLength(ROWS);
    const { body } = await api
      .post('/models/diamonds/predictions')
      .send({ instances: predicted.slice(0, 500).map(instanceOf) })
      .expect(200);
    expect(predicted.slice(0, 500).map(({ prediction }) => Number(prediction))).toEqual(
      body.predictions.map(({ value }: { value: number }) => value),
    );
    expect(predicted.at(-1)!.line).toBe(String(ROWS));
  }, 60_000);
});
