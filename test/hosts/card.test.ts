import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { readConfig } from '../../src/compose/config.js';
import { compose } from '../../src/compose/index.js';
import { MODEL_DIR, testApp } from '../support/app.js';
import { runMain } from '../support/process.js';

const SHIPPED = fileURLToPath(new URL('../../docs/models', import.meta.url));
const models = await (await compose(readConfig({ MODEL_DIR }))).operator.registry.models();
const read = (directory: string, name: string) => readFileSync(join(directory, name), 'utf8');

describe('lapidary card', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'lapidary-cards-'));
  afterAll(() => rmSync(scratch, { recursive: true }));

  const written = async (output: string) => {
    const { code, stdout, stderr } = await runMain(['card', 'diamonds', '-o', output]).finished;
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(join(output, 'diamonds.md'));
    return Object.fromEntries(readdirSync(output).map((name) => [name, read(output, name)]));
  };

  it('writes a page and its plots, the same each time, and the same as those that are shipped', async () => {
    const first = await written(join(scratch, 'a', 'new'));
    expect(Object.keys(first)).toEqual([
      'diamonds-errors.svg',
      'diamonds-predicted.svg',
      'diamonds.md',
    ]);
    expect(await written(join(scratch, 'b'))).toEqual(first);
    // When this fails: npm run cards -- all
    for (const [name, content] of Object.entries(first)) expect(read(SHIPPED, name)).toBe(content);
  });

  it('ends with 1 on a model that is not there', async () => {
    const { code, stderr } = await runMain(['card', 'rubies', '-o', scratch]).finished;
    expect([code, stderr]).toEqual([1, expect.stringContaining('model_not_found')]);
  });

  describe('of a model of its own', () => {
    const env = { MODEL_DIR: join(scratch, 'models') };
    const file = (name: string) => join(env.MODEL_DIR, 'diamonds', name);
    const card = () => runMain(['card', 'all', '-o', join(scratch, 'own')], env).finished;

    beforeAll(() => {
      mkdirSync(file('.'), { recursive: true });
      for (const name of ['spec.json', 'versions', 'aliases'])
        cpSync(join(MODEL_DIR, 'diamonds', name), file(name), { recursive: true });
      const data = 'node_modules/@observablehq/sample-datasets/diamonds.csv';
      cpSync(fileURLToPath(new URL(`../../${data}`, import.meta.url)), file('data.csv'));
      writeFileSync(file('source.json'), JSON.stringify({ file: 'data.csv' }));
    });

    it('lists missing notes', async () => {
      expect(await card()).toMatchObject({ code: 0, stderr: '' });
      const page = read(join(scratch, 'own'), 'diamonds.md');
      expect(page).toContain('Not written yet: add it under `## Limits`');
    });

    it('tells what people have written', async () => {
      writeFileSync(
        file('notes.md'),
        '# Gems\nnothing\n\n## Limits\nNot for pearls.\n\n### Nor amber\n',
      );
      expect(await card()).toMatchObject({ code: 0 });
      const page = read(join(scratch, 'own'), 'diamonds.md');
      expect(page).toContain(
        '\n## Limits\n\nNot for pearls.\n\n### Nor amber\n\n## Ethics\n\nNot written yet',
      );
    });

    it.each([
      [
        'is not known',
        '## Limit\nNone.\n',
        /"Limit", not one of Intended use, Limits, Ethics, Data/,
      ],
      ['is there twice', '## Limits\nA.\n## Limits\nB.\n', /"Limits" twice/],
    ])('refuses notes with a heading that %s', async (_what, notes, message) => {
      writeFileSync(file('notes.md'), notes);
      const written = await card();
      rmSync(file('notes.md'));
      expect(written).toMatchObject({ code: 1, stderr: expect.stringMatching(message) });
    });

    it.each([
      [
        'was imported',
        { parity: { rows: 10, planError: 2e-7, tensorflowError: 1e-7, source: 'made up' } },
        "Over 10 rows (made up) the error of the plan is at most 2.0e-7 of the answers' scale",
      ],
      [
        'is of an older version',
        { parity: { rows: 10, maxRelativeDifference: 0, source: 'made up' } },
        'Over 10 rows (made up) the plan and TensorFlow.js differ by at most 0.0e+0',
      ],
      [
        'TensorFlow.js serves',
        { fallback: 'layer "x" is new' },
        'TensorFlow.js serves this version',
      ],
    ])('says what is not known of a model that %s', async (_what, known, sentence) => {
      const imported = {
        source: 'there',
        checksum: 'abc',
        generatedBy: 'keras',
        importedAt: '2026-01-02T03:04:05Z',
        libraries: {},
      };
      const { id } = (await (await compose(readConfig(env))).operator.registry.champion('diamonds'))
        .version;
      const record = file(`versions/${id}/version.json`);
      const before = readFileSync(record, 'utf8');
      // The id is that of what predicts, and a version without a checksum may have any card.
      const { checksum: _of, ...version } = JSON.parse(before);
      writeFileSync(
        record,
        JSON.stringify({ ...version, examples: [], card: { imported, ...known } }),
      );
      const written = await card();
      writeFileSync(record, before);
      expect(written).toMatchObject({ code: 0 });
      const page = read(join(scratch, 'own'), 'diamonds.md');
      for (const text of [
        sentence,
        'It was not measured on data here',
        'trained elsewhere',
        '| imported | 2026-01-02 |',
      ])
        expect(page).toContain(text);
      expect(page).not.toMatch(/undefined|NaN|!\[/);
    });

    it('refuses data that the version was not made of', async () => {
      writeFileSync(file('data.csv'), `${readFileSync(file('data.csv'), 'utf8')}\n`);
      expect(await card()).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('train it again'),
      });
    });
  });
});

describe.each(models)('the shipped page of %s', (model) => {
  it('is of the champion (or else: npm run cards -- all)', async () => {
    const { version } = await (await compose(readConfig({ MODEL_DIR }))).operator.registry.champion(
      model,
    );
    expect(read(SHIPPED, `${model}.md`)).toContain(`version \`${version.id}\``);
  });

  it('shows plots that are there', () => {
    const files = [...read(SHIPPED, `${model}.md`).matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)];
    expect(files.length).toBeGreaterThanOrEqual(2);
    for (const [, file] of files) expect(read(SHIPPED, file!)).toContain('</svg>');
  });

  it('has an example that is answered so', async () => {
    const page = read(SHIPPED, `${model}.md`);
    const [, request] = /-d '(.+)'\n/.exec(page)!;
    const [, answer] = /```json\n(.+)\n```/.exec(page)!;
    const { app } = testApp();
    await app.ready();
    const { body } = await supertest(app.server)
      .post(`/models/${model}/predictions`)
      .set('content-type', 'application/json')
      .send(request!.replaceAll(`'\\''`, "'"));
    await app.close();
    body.predictions[0].id = '…';
    expect(body).toEqual(JSON.parse(answer!));
  });
});
