import { mkdtemp, open, readFile, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openRowFile, type RowFile, RowFileWriter } from '../../src/adapters/local/row-file.js';
import { seededRandom } from '../../src/ml/random.js';
import type { PooledRows } from '../../src/ml/trainer/pooled-rows.js';
import { inMemory, placesOf, record } from '../ml/records.js';

const WIDTH = 3;

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lapidary-rows-'));
  path = join(directory, 'rows');
});
afterEach(() => rm(directory, { recursive: true }));

/** Writes rows, so many at a time. */
async function write(count: number, atOnce: number): Promise<RowFile> {
  const writer = await RowFileWriter.create(path, WIDTH);
  for (let first = 0; first < count; first += atOnce) {
    const rows = Array.from({ length: Math.min(atOnce, count - first) }, (_, i) =>
      record(first + i, WIDTH),
    );
    await writer.append(
      Float32Array.from(rows.flatMap(({ inputs }) => inputs)),
      Float32Array.from(rows, ({ target }) => target),
    );
  }
  return writer.close();
}

const pass = (rows: PooledRows, wanted: Uint32Array, seed?: number) =>
  [...rows.batches(wanted, 7, seed === undefined ? undefined : seededRandom(seed))].map(
    ({ inputs, targets }) => [[...inputs], [...targets]],
  );

describe('a file of rows', () => {
  it.each([1, 10, 64, 1000])('has the rows that were appended %i at a time', async (atOnce) => {
    const file = await write(100, atOnce);
    expect(file).toEqual({ path, width: WIDTH, count: 100 });
    const rows = openRowFile(file);
    expect(rows.count).toBe(100);
    const all = placesOf(100);
    expect(pass(rows, all)).toEqual(pass(inMemory(100, WIDTH), all));
  });

  it('is gone through in the same order as rows that never left memory', async () => {
    const rows = openRowFile(await write(500, 64));
    const odd = placesOf(500).filter((place) => place % 2 === 1);
    expect(pass(rows, odd, 3)).toEqual(pass(inMemory(500, WIDTH), odd, 3));
  });

  it('may be without rows', async () => {
    const rows = openRowFile(await write(0, 1));
    expect([rows.count, pass(rows, placesOf(0), 1)]).toEqual([0, []]);
  });

  it('is plain data, so that it can be sent to a worker', async () => {
    const file = await write(20, 6);
    expect(pass(openRowFile(structuredClone(file)), placesOf(20))).toHaveLength(3);
  });

  it('is never written over', async () => {
    await write(5, 5);
    const before = await readFile(path);
    await expect(RowFileWriter.create(path, WIDTH)).rejects.toMatchObject({ code: 'EEXIST' });
    expect(await readFile(path)).toEqual(before);
  });

  it.each([1, 3, 16, 300])('that ends %i bytes early is refused', async (bytes) => {
    const file = await write(20, 20);
    await truncate(path, 20 * 4 * (WIDTH + 1) - bytes);
    expect(() => openRowFile(file)).toThrow(`${path} ends before row 20`);
  });

  it('that is gone is refused', async () => {
    const file = await write(5, 5);
    await rm(path);
    expect(() => openRowFile(file)).toThrow('ENOENT');
  });
});

describe('a file too large for memory', () => {
  const width = 2 ** 18 - 1;
  const count = 700;
  const bytes = 4 * (width + 1);
  const places = Uint32Array.of(0, 1, 2, 300, 699);

  /** Of its rows only those at the places are anything but zeros, and take room on the disk. */
  async function writeLarge(): Promise<RowFile> {
    const file = await open(path, 'w');
    await file.truncate(count * bytes);
    for (const place of places) {
      await file.write(Buffer.from(Float32Array.of(place, -place).buffer), 0, 8, place * bytes);
      await file.write(
        Buffer.from(Float32Array.of(place / 2).buffer),
        0,
        4,
        (place + 1) * bytes - 4,
      );
    }
    await file.close();
    return { path, width, count };
  }

  const heads = (rows: PooledRows, size: number, random?: () => number) =>
    [...rows.batches(places, size, random)].flatMap(({ inputs, targets }) =>
      [...targets].map((target, i) => [...inputs.subarray(i * width, i * width + 2), target]),
    );
  const expected = [...places].map((place) => [place, -place, place / 2]);

  it('is read where rows are wanted', async () => {
    const rows = openRowFile(await writeLarge());
    expect(heads(rows, 2)).toEqual(expected);
    const mixed = heads(rows, 2, seededRandom(5));
    expect(mixed.sort((a, b) => a[0]! - b[0]!)).toEqual(expected);
  });

  it('is an error once a row is wanted that it lacks', async () => {
    const rows = openRowFile(await writeLarge());
    await truncate(path, count * bytes - 1);
    expect(() => heads(rows, 2)).toThrow(`${path} ends before row 700`);
  });
});
