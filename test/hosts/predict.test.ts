import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { readConfig } from '../../src/compose/config.js';
import { compose } from '../../src/compose/index.js';
import { DIAMOND, MODEL_DIR, testApp } from '../support/app.js';
import { makeNuts } from '../support/nuts.js';
import { runMain } from '../support/process.js';

type Row = Record<string, string>;
interface Prediction {
  value: number;
  label: string;
  probabilities: Record<string, number>;
}

const directory = mkdtempSync(join(tmpdir(), 'lapidary-predict-'));
const path = (name: string) => join(directory, name);
const env = { MODEL_DIR: path('models'), DATA_DIR: path('.data') };
const { app } = testApp(await compose(readConfig(env)));

const DIAMONDS = Array.from({ length: 300 }, (_, i) => ({
  ...DIAMOND,
  carat: 0.2 + i / 100,
  cut: ['Fair', 'Good', 'Ideal'][i % 3]!,
}));
const NUTS = [
  { length: 8.25, colour: 'red' },
  { length: 28.5, colour: 'brown' },
  { length: 31, colour: 'red' },
];

const csvOf = (rows: readonly object[]) =>
  [Object.keys(rows[0]!), ...rows.map(Object.values)].map((row) => `${row.join()}\n`).join('');
const rowsOf = (text: string, delimiter = ',') =>
  parse(text, { columns: true, delimiter, bom: true }) as Row[];
const read = (name: string) => readFileSync(path(name), 'utf8');

/** Predicts a file of that text; its name is `in.csv`. */
async function predict(model: string, text: string, ...options: string[]) {
  writeFileSync(path('in.csv'), text);
  return runMain(['predict', model, path('in.csv'), ...options], env).finished;
}

/** What the API answers. */
async function ask(model: string, instances: readonly object[]): Promise<Prediction[]> {
  const url = `/models/${model}/predictions`;
  const answer = await app.inject({ method: 'POST', url, payload: { instances } });
  return answer.json().predictions;
}

beforeAll(async () => {
  cpSync(join(MODEL_DIR, 'diamonds'), path('models/diamonds'), { recursive: true });
  await makeNuts(env.MODEL_DIR);
}, 60_000);
afterAll(async () => {
  await app.close();
  rmSync(directory, { recursive: true });
});

describe('predict', () => {
  it('writes each row with the value that the API answers it with', async () => {
    const { code, stdout, stderr } = await predict('diamonds', csvOf(DIAMONDS), '-o', path('out'));
    expect([code, stdout, stderr]).toEqual([0, '', expect.stringMatching(/^300 rows in/)]);
    const rows = rowsOf(read('out'));
    const answers = await ask('diamonds', DIAMONDS);
    expect(rows.map(({ prediction }) => Number(prediction))).toEqual(
      answers.map(({ value }) => value),
    );
    expect(rows.map(({ prediction, ...row }) => row)).toEqual(rowsOf(csvOf(DIAMONDS)));
    expect(existsSync(path('out.rejected.csv'))).toBe(false);
  });

  it('writes the label and the probability of each class', async () => {
    const { code, stdout } = await predict('nuts', csvOf(NUTS));
    expect(code).toBe(0);
    const answers = await ask('nuts', NUTS);
    answers.forEach(({ label, probabilities }, i) => {
      const expected: Row = { length: `${NUTS[i]!.length}`, colour: NUTS[i]!.colour };
      expected.prediction = label;
      for (const [name, share] of Object.entries(probabilities))
        expected[`probability_${name}`] = String(share);
      expect(rowsOf(stdout)[i]).toEqual(expected);
    });
    expect(answers.map(({ label }) => label)).toEqual(['hazel', 'walnut', 'almond']);
  });

  it('reads standard input, writes standard output, and tells the result as JSON beside it', async () => {
    const run = runMain(['predict', 'nuts', '-', '-o', '-', '--json'], env);
    run.child.stdin.end(csvOf(NUTS));
    const { code, stdout, stderr } = await run.finished;
    expect([code, rowsOf(stdout)]).toMatchObject([0, { length: 3 }]);
    expect(JSON.parse(stderr)).toEqual({
      model: 'nuts',
      version: expect.stringMatching(/^[0-9a-f]{16}$/),
      rows: 3,
      rejected: 0,
      seconds: expect.any(Number),
      remarks: [],
    });
  });

  it('finds columns wherever they stand and leaves others as they are, however it is written', async () => {
    const text = '\ufeffnote;colour;length\r\n"a;b";red;8,25\r\n;brown;1.028,5\r\n';
    const { stdout } = await predict('nuts', text, '--rejects', path('none'));
    expect(existsSync(path('none'))).toBe(false);
    const [header, ...lines] = stdout.split('\r\n');
    expect(header).toMatch(/^\ufeffnote;colour;length;prediction;probability_almond;/);
    expect(lines[0]).toMatch(/^"a;b";red;8,25;hazel;\d[\d,e-]*;0,\d+;/);
    const [first, second] = rowsOf(stdout, ';');
    const asked = [NUTS[0]!, { length: 1028.5, colour: 'brown' }];
    const answers = (await ask('nuts', asked)).map(({ probabilities }) => probabilities.walnut);
    expect(
      [first, second].map((row) => Number(row!.probability_walnut!.replace(',', '.'))),
    ).toEqual(answers);
  });

  it('reads what pandas and Excel write, says what it inferred, and gives names back as they stand', async () => {
    const text = 'sep=;\r\n;note; colour;length\r\n0;caf\xe9; red;8,25\r\n1;;"brown" ;28,5;\r\n';
    writeFileSync(path('excel.csv'), gzipSync(Buffer.from(text, 'latin1')));
    const { code, stdout, stderr } = await runMain(['predict', 'nuts', path('excel.csv')], env)
      .finished;
    expect(code).toBe(0);
    const lines = stdout.split('\r\n');
    expect(lines[0]).toMatch(/^;note; colour;length;prediction;/);
    expect(lines[1]).toMatch(/^0;café; red;8,25;hazel;/);
    expect(lines[2]).toMatch(/^1;;"brown" ;28,5;walnut;/);
    for (const remark of [
      'it is gzip and is unpacked',
      'line 3: byte 0xE9 after "0;caf" is not UTF-8: it is read as windows-1252; --charset names another',
      'line 1, "sep=;", names the delimiter',
      'columns without a name are called "Unnamed: 0"',
    ])
      expect(stderr).toContain(`excel.csv: ${remark}`);
  });

  it('reads a file as its options say', async () => {
    const text = 'note|colour|length\ncaf\x8e|red|8,25\n';
    writeFileSync(path('said.csv'), Buffer.from(text, 'latin1'));
    const options = ['--charset', 'macintosh', '--delimiter', '|', '--decimal', 'comma', '--json'];
    const run = await runMain(['predict', 'nuts', path('said.csv'), ...options], env).finished;
    expect([run.code, run.stdout]).toEqual([0, expect.stringContaining('\ncafé|red|8,25|hazel|')]);
    expect(JSON.parse(run.stderr)).toMatchObject({ rows: 1, remarks: [] });
  });

  it('calls its columns otherwise when the file has such already', async () => {
    const rows = NUTS.map((nut) => ({ ...nut, prediction: 'old', prediction_2: 'older' }));
    const { stdout } = await predict('nuts', csvOf(rows));
    expect(rowsOf(stdout)[0]).toMatchObject({
      prediction: 'old',
      prediction_2: 'older',
      prediction_3: 'hazel',
    });
  });

  it('gives a file without rows back with its header', async () => {
    const { code, stdout } = await predict('nuts', 'colour,length\n');
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^colour,length,prediction,.*\n$/)]);
  });
});

describe('rows that cannot be answered', () => {
  const BAD = 'colour,length\nred,8\ngreen,9\nred,long\nred\n"br\nown",9\nred,,7\nbrown,30\n';

  it('go to a file of their own, with line and reason, and the others are answered', async () => {
    const { code, stderr } = await predict('nuts', BAD, '-o', path('some'));
    expect([code, stderr]).toEqual([3, expect.stringContaining('5 rows were rejected: see')]);
    expect(rowsOf(read('some')).map(({ length }) => length)).toEqual(['8', '30']);
    const rejected = rowsOf(read('some.rejected.csv'));
    expect(rejected).toEqual([
      {
        line: '3',
        column: 'colour',
        reason: '"green" is not one of its categories',
        row: 'green,9',
      },
      { line: '4', column: 'length', reason: 'must be a number, not "long"', row: 'red,long' },
      { line: '5', column: '', reason: 'expected 2 fields, got 1', row: 'red' },
      {
        line: '6',
        column: 'colour',
        reason: expect.stringContaining('"br\\nown"'),
        row: '"br\nown",9',
      },
      { line: '8', column: '', reason: 'expected 2 fields, got 3', row: 'red,,7' },
    ]);
  });

  it('go where one wants, and are counted', async () => {
    const options = ['--rejects', path('bad'), '--json'];
    const { code, stdout, stderr } = await predict('nuts', BAD, ...options);
    expect([code, rowsOf(stdout), rowsOf(read('bad'))]).toMatchObject([
      3,
      { length: 2 },
      { length: 5 },
    ]);
    expect(JSON.parse(stderr)).toMatchObject({ rows: 2, rejected: 5 });
  });
});

describe('predict fails, and says why, with', () => {
  it.each([
    [
      'a column missing',
      'colour\nred\n',
      [],
      /^invalid_dataset: line 1: column not found: length; there are colour\n$/,
    ],
    ['an empty file', '', [], /^invalid_dataset: the file is empty/],
    ['a quote that is never closed', 'colour,length\n"red,1\n', [], /^invalid_dataset: line 2/],
    ['its input as output', csvOf(NUTS), ['-o', path('in.csv')], /^invalid_request: .*named twice/],
    ['its input as rejects', csvOf(NUTS), ['--rejects', path('./in.csv')], /named twice/],
    [
      'one file for answers and rejects',
      csvOf(NUTS),
      ['-o', path('x'), '--rejects', path('x')],
      /named twice/,
    ],
    ['an output that cannot be written', csvOf(NUTS), ['-o', path('nowhere/x')], /ENOENT/],
  ])('%s', async (_what, text, options, message) => {
    const { code, stderr } = await predict('nuts', text, ...options);
    expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
    expect(read('in.csv')).toBe(text);
  });

  it.each([
    ['a file that is not there', 'nuts', 'nowhere.csv', /^invalid_dataset: file .* not found\n$/],
    ['a directory', 'nuts', '.', /^invalid_dataset: .* is a directory: name a file in it\n$/],
    ['a model that is not there', 'rubies', 'nuts.csv', /^model_not_found/],
  ])('%s', async (_what, model, name, message) => {
    const { code, stderr } = await runMain(['predict', model, path(name)], env).finished;
    expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
  });
});
