import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { DatasetDefinition } from '../../src/datasets/definition.js';
import type { BatchFormat } from '../../src/datasets/port.js';
import type { DatasetService } from '../../src/datasets/service.js';
import type { Spec } from '../../src/ml/spec.js';
import { isTestRow } from '../../src/ml/split.js';
import { openDataset } from '../../src/rows/open.js';
import { chunked, FLATS, flats, newDatasets, textOf } from '../support/datasets.js';

let world: ReturnType<typeof newDatasets>;
let datasets: DatasetService;
beforeEach(async () => {
  world = newDatasets({ badShare: 0.5 });
  datasets = world.datasets;
  await datasets.define('flats', FLATS);
});
afterEach(() => world.remove());

const append = (text: string, format: BatchFormat = 'csv', size?: number) =>
  datasets.append('flats', format, chunked(text, size));
const merged = async () => {
  const source = await datasets.openDataset({ dataset: 'flats' });
  if (source.format !== 'csv') throw new Error('it is no CSV');
  return textOf(source.read());
};
const quarantine = async (id: string) =>
  (await textOf((await datasets.openBatch('flats', id)).quarantine.read())).trim().split('\n');
const spec = (definition: DatasetDefinition): Spec => ({
  name: 'flats',
  title: '',
  description: '',
  task: 'regression',
  encoding: [],
  ...definition,
});
/** The targets of both sides of the split. */
async function sides(definition = FLATS): Promise<{ training: number[]; test: number[] }> {
  const found = { training: [] as number[], test: [] as number[] };
  const source = await datasets.openDataset({ dataset: 'flats' });
  for await (const block of openDataset(source, spec(definition)).blocks()) {
    found.training.push(...block.training.targets);
    found.test.push(...block.test.targets);
  }
  return found;
}

describe('a dataset that is opened', () => {
  it('has the good rows of all batches, in their order, however each is written', async () => {
    await append('area,city,since,rent\n1,Bern,2026-01-31,10\n0,Bern,,11\n2.5,Chur,NA,12\n');
    await append('rent;more;city;area;since\r\n"1.234,5";x;"Bern";"2,25";31\r\n13;y;Chur;3;\r\n');
    await append(
      '{"rent":14,"city":"Bern","area":4,"since":"2026-02-01","more":1}\n\n{"area":5}\n' +
        '{"rent":15,"city":"Chur","area":1e21,"since":null}',
      'ndjson',
    );
    await append('area,city,since,rent\n6,Bern,,16\n"6,Bern,,x\n7,Bern",,17\n8,Chur,,18\n');
    expect((await merged()).trim().split('\n')).toEqual([
      'area,city,since,rent',
      '1,Bern,2026-01-31,10',
      '2.5,Chur,NA,12',
      '3,Chur,,13',
      '4,Bern,2026-02-01,14',
      '1e+21,Chur,,15',
      '6,Bern,,16',
      '8,Chur,,18',
    ]);
  });

  it('keeps text as it is, and reads numbers with a decimal comma', async () => {
    const categories = ['a,b', 'say "so"', 'two\nlines', ' spaced ', '1,5'];
    const features = [
      { name: 'what; where', kind: 'category' as const, categories },
      { name: 'size', kind: 'number' as const },
    ];
    await datasets.define('flats', { features, target: { name: 'rent' } });
    const quoted = categories.map((text) => `"${text.replaceAll('"', '""')}"`);
    const rows = quoted.map((text, i) => `1.000,${i}5;${text};${i},5`);
    await append(['size;"what; where";rent', ...rows].join('\n'));
    expect(await merged()).toBe(
      `what; where,size,rent\n${['"a,b"', '"say ""so"""', '"two\nlines"', ' spaced ', '"1,5"']
        .map((text, i) => `${text},1000.${i}5,${i}.5\n`)
        .join('')}`,
    );
    const definition = { features, target: { name: 'rent' } };
    const source = await datasets.openDataset({ dataset: 'flats' });
    const targets: number[] = [];
    for await (const { training, test } of openDataset(source, spec(definition)).blocks())
      targets.push(...training.targets, ...test.targets);
    expect(targets.sort()).toEqual([0.5, 1.5, 2.5, 3.5, 4.5]);
  });

  it('keeps every row on its side of the split as batches are added', async () => {
    let before = { training: [] as number[], test: [] as number[] };
    for (let batch = 0; batch < 5; batch++) {
      const rows = flats(300, 1000 * batch).replace('\n7,Bern', '\n-7,Bern');
      await append(rows);
      const now = await sides();
      expect(now.training.slice(0, before.training.length)).toEqual(before.training);
      expect(now.test.slice(0, before.test.length)).toEqual(before.test);
      expect(now.training.length + now.test.length).toBe(299 * (batch + 1));
      before = now;
    }
    const all = [...before.training, ...before.test].sort((a, b) => a - b);
    expect(before.test).toEqual(all.filter((_, row) => isTestRow(row)));
  });

  it('is what it was when it was opened, however often it is read', async () => {
    await append(flats(3));
    const source = await datasets.openDataset({ dataset: 'flats' });
    if (source.format !== 'csv') throw new Error('it is no CSV');
    const first = await textOf(source.read());
    await append(flats(3, 100));
    expect(await textOf(source.read())).toBe(first);
    expect(source.origin).toBe('dataset flats (1 batch)');
  });

  it('skips the rows that were bad when they came, whatever the schema is now', async () => {
    await append('area,city,since,rent\n1,Bern,,1\n2,Rom,,2\n3,Chur,,3\n');
    const [area, , since] = FLATS.features;
    const city = { name: 'city', kind: 'category' as const, categories: ['Bern', 'Chur', 'Rom'] };
    await datasets.define('flats', { ...FLATS, features: [area!, city, since!] });
    expect(await merged()).toBe('area,city,since,rent\n1,Bern,,1\n3,Chur,,3\n');
  });

  it('names the batch that lacks a column of a new schema', async () => {
    const { batch } = await append(flats(3));
    await datasets.define('flats', { ...FLATS, target: { name: 'price' } });
    await expect(merged()).rejects.toThrow(`batch ${batch.id}: line 1: column not found: price`);
  });

  it('has no rows without batches', async () => {
    expect(await merged()).toBe('area,city,since,rent\n');
  });

  it('lists more batches than a page has', async () => {
    for (let i = 0; i < 3; i++) await append(flats(1, i));
    const { items } = await datasets.list({ limit: 10 });
    expect(items).toEqual([{ name: 'flats', totals: expect.objectContaining({ batches: 3 }) }]);
  });
});

describe('a batch that is checked', () => {
  it.each([1, 7, 100_000])('has its bad rows listed, in chunks of %d bytes', async (size) => {
    const text = [
      'area,city,since,rent',
      '1,Bern,2026-01-31,10',
      '2,"Bern"x,,11',
      '3,Bern,2026-01-31,12,13',
      '"four\nfive",Chur,yesterday,lots',
      '5,Chur,,14',
      '6,Chur,2026-01-31T12:00,15',
      '7,Chur,2026/01/31 12:00,15',
    ].join('\n');
    const { batch } = await append(text, 'csv', size);
    expect(batch).toMatchObject({ rows: 4, quarantined: 3 });
    const lines = (await quarantine(batch.id)).join('\n');
    expect(lines).toMatch(/^line,column,reason,row\n3,city,/);
    expect(lines).toMatch(/\n4,,"expected 4 fields, got 5",/);
    expect(lines).toMatch(
      /\n5,area,"area: .*; since: .*; rent: must be a number, not ""lots""","""four\nfive""/,
    );
  });

  it.each([1, 7, 100_000])('may be JSON, in bytes that come by %d', async (size) => {
    const good = '{"area":1,"city":"Chur","since":"2026/01/31 08:30","rent":2}';
    const rows = [
      `\ufeff${good}`,
      '',
      '{"area":1,',
      '[1]',
      'null',
      '{"area":"one","city":"Rom","rent":2,"since":null}',
      '{"city":"Bern","rent":2,"since":null}',
      '{"area":1,"city":"Bern","rent":"two","since":null}',
      ...Array(6).fill(good),
    ];
    const { batch } = await append(rows.join('\r\n'), 'ndjson', size);
    expect(batch).toMatchObject({ rows: 7, quarantined: 6 });
    const lines = await quarantine(batch.id);
    expect(lines.map((line) => line.split(',').slice(0, 2))).toEqual([
      ['line', 'column'],
      ['3', ''],
      ['4', ''],
      ['5', ''],
      ['6', 'area'],
      ['7', 'area'],
      ['8', 'rent'],
    ]);
  });

  it('is merged with the others in one way of writing', async () => {
    const [area, , since] = FLATS.features;
    const pets = { name: 'city', kind: 'category' as const, categories: ['False', 'True'] };
    const rent = { name: 'rent', unit: 'CHF', missing: ['on request'] };
    await datasets.define('flats', { ...FLATS, features: [area!, pets, since!], target: rent });
    await append('area;city;since;rent\n1,5;True;;CHF 1.234,50\n2,5;False;;2,5\n');
    await append(`area,city,since,rent\n3.5,True,,"CHF 1'234.50"\n4,True,,on request\n`);
    const json = { area: '1,234.5', city: true, since: null, rent: '12 CHF' };
    await append(
      `${JSON.stringify(json)}\n${JSON.stringify({ ...json, city: 'False' })}`,
      'ndjson',
    );
    expect(await merged()).toBe(
      [
        'area,city,since,rent',
        '1.5,True,,1234.5',
        '2.5,False,,2.5',
        '3.5,True,,1234.5',
        '4,True,,on request',
        '1234.5,True,,12',
        '1234.5,False,,12',
        '',
      ].join('\n'),
    );
  });

  it('may lack targets where they are optional', async () => {
    const optional = { ...FLATS, target: { name: 'rent', optional: true } };
    await datasets.define('flats', optional);
    const csv = await append('area,city,since,rent\n1,Bern,,\n2,Bern,,NA\n3,Bern,,4\n');
    expect(csv.batch).toMatchObject({ rows: 3, quarantined: 0 });
    const json = await append('{"area":1,"city":"Bern","since":null}', 'ndjson');
    expect(json.batch).toMatchObject({ rows: 1, quarantined: 0 });
    const { training, test } = await sides(optional);
    expect([...training, ...test]).toEqual([4]);
  });

  it('is given up early when it is nothing but bad rows', async () => {
    let sent = 0;
    async function* endless() {
      yield Buffer.from('area,city,since,rent\n');
      for (; sent < 1000; sent++) yield Buffer.from('x\n'.repeat(10_000));
    }
    const appending = datasets.append('flats', 'csv', endless());
    await expect(appending).rejects.toMatchObject({ code: 'too_many_bad_rows' });
    expect(sent).toBeLessThan(100);
  });

  it('is refused when a line of JSON is endless', async () => {
    const large = newDatasets({ bytes: 1 << 26 });
    await large.datasets.define('flats', FLATS);
    async function* endless() {
      for (let i = 0; i < 40; i++) yield Buffer.alloc(1 << 20, 'x');
    }
    const appending = large.datasets.append('flats', 'ndjson', endless());
    await expect(appending).rejects.toThrow(/line 1 is longer than 16777216 bytes/);
    large.remove();
  });
});
