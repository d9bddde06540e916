import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv, type AnySchemaObject } from 'ajv';
import { parseSpec } from '../../src/ml/parse-spec.js';
import { flatsCsv, noiseCsv } from '../support/data.js';
import { type Finished, runMain, startServer } from '../support/process.js';

interface Operation {
  requestBody: { content: Record<string, { schema: AnySchemaObject; example: unknown }> };
}
interface Answer {
  code?: string;
  predictions?: { value: number }[];
}

describe('from a CSV file of your own to a served model', () => {
  const directory = mkdtempSync(join(tmpdir(), 'lapidary-own-'));
  const models = join(directory, 'models');
  const env = { MODEL_DIR: models };
  const file = (name: string) => join(directory, name);
  const ofFlats = (...path: string[]) => join(models, 'flats', ...path);
  const run = (...args: string[]) => runMain(args, env).finished;
  const init = (name: string, ...options: string[]) =>
    run('init', name, '--data', file('flats.csv'), '--target', 'rent', ...options);
  let first: Finished;
  let server: Awaited<ReturnType<typeof startServer>> | undefined;

  beforeAll(async () => {
    writeFileSync(file('flats.csv'), flatsCsv(400));
    writeFileSync(file('noise.csv'), noiseCsv(400));
    first = await init('flats');
  }, 60_000);
  afterAll(async () => {
    server?.child.kill();
    await server?.finished;
    rmSync(directory, { recursive: true });
  });

  it('shows what it takes the columns for, how good the model is, and where it will be', () => {
    expect([first.code, first.stderr]).toEqual([0, expect.stringContaining('member 4/4, epoch')]);
    const { stdout } = first;
    expect(stdout).toMatch(/400 rows; "rent" is a number, from 3 features/);
    expect(stdout).toMatch(/city +one of 5 categories/);
    expect(stdout).toMatch(/nr: left out: it counts the rows/);
    expect(stdout).toMatch(/built: 1\d% of its values are missing/);
    expect(stdout).toMatch(/320 rows to train on, 80 held out/);
    expect(stdout).toMatch(/\nflats .*\nmedian .*\nlinear /);
    expect(stdout).toMatch(
      /mean absolute error is \d\d\.\d% lower than that of always answering the median, and \d\d\.\d% lower than that of linear regression\. See the notes/,
    );
    expect(stdout).toMatch(/\nNOTE: Only 80 rows are held out/);
    expect(stdout).toContain('/models/flats/predictions');
  });

  it('ends within 2 s of Ctrl-C, with one line, and publishes nothing', async () => {
    const options = ['--data', file('flats.csv'), '--target', 'rent'];
    const { child, finished, wrote } = runMain(['init', 'broken-off', ...options], env);
    await wrote(/rows to train on/);
    const begun = performance.now();
    child.kill('SIGINT');
    const { code, stderr } = await finished;
    expect([code, performance.now() - begun < 2000]).toEqual([130, true]);
    expect(stderr).toMatch(/^interrupted: no version of broken-off was published$/m);
    expect(stderr).not.toMatch(/Error| {4}at /);
    expect(readdirSync(join(models, 'broken-off')).sort()).toEqual(['source.json', 'spec.json']);
    rmSync(join(models, 'broken-off'), { recursive: true });
  });

  it('leaves a directory that it can be trained again from', () => {
    const spec = parseSpec(JSON.parse(readFileSync(ofFlats('spec.json'), 'utf8')));
    expect(spec).toMatchObject({ name: 'flats', task: 'regression', target: { name: 'rent' } });
    const { file: data } = JSON.parse(readFileSync(ofFlats('source.json'), 'utf8'));
    expect(readFileSync(ofFlats(data), 'utf8')).toBe(flatsCsv(400));
    const [version, ...others] = readdirSync(ofFlats('versions'));
    expect(others).toEqual([]);
    expect(readFileSync(ofFlats('aliases', 'champion', '1'), 'utf8').trim()).toBe(version);
  });

  it('is listed and scored', async () => {
    const [version] = readdirSync(ofFlats('versions'));
    const listed = await run('models');
    expect(listed.stdout).toMatch(new RegExp(`flats +regression +${version} +plan +MAE`));
    const { items: list } = JSON.parse((await run('models', '--json')).stdout);
    expect(list).toMatchObject([{ name: 'flats', title: 'Flats', version }]);
    const score = JSON.parse((await run('score', 'flats', '--json')).stdout);
    expect(score).toMatchObject({ model: 'flats', version, data: { testRows: 80 } });
    expect(score.metrics).toEqual(list[0].metrics);
    expect(score.metrics.mae).toBeLessThan(score.baselines.linear.mae / 2);
  });

  it('is served, with a schema of its instances and an example', async () => {
    server = await startServer(env);
    const { url } = server;
    const path = '/models/flats/predictions';
    const predict = async (instances: unknown[]) => {
      const body = JSON.stringify({ instances });
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(url + path, { method: 'POST', headers, body });
      return { status: answer.status, body: (await answer.json()) as Answer };
    };
    const document = (await (await fetch(`${url}/openapi.json`)).json()) as {
      paths: Record<string, { post: Operation }>;
    };
    const { schema, example } = document.paths[path]!.post.requestBody.content['application/json']!;
    const check = new Ajv({ strict: false }).compile(schema);
    expect(check(example)).toBe(true);
    const { instances } = example as { instances: Record<string, unknown>[] };
    expect(Object.keys(instances[0]!)).toEqual(['area', 'city', 'built']);
    const flat = { area: 100, city: 'Zug', built: null };
    expect(check({ instances: [flat] })).toBe(true);
    expect(check({ instances: [{ ...flat, city: 'Rom' }] })).toBe(false);
    const { status, body } = await predict([...instances, flat]);
    expect([status, body.predictions?.length]).toEqual([200, 2]);
    // 45 a square metre, and up to a twentieth more.
    expect(Math.abs(body.predictions![1]!.value - 4600)).toBeLessThan(500);
    expect(await predict([{ ...flat, city: 'Rom' }])).toMatchObject({
      status: 422,
      body: { code: 'invalid_instances' },
    });
  });

  it('is not trained again without --replace', async () => {
    const spec = readFileSync(ofFlats('spec.json'), 'utf8');
    const again = await init('flats', '--task', 'classification');
    expect([again.code, again.stderr]).toEqual([
      1,
      expect.stringMatching(/model_exists.*--replace/),
    ]);
    expect(readFileSync(ofFlats('spec.json'), 'utf8')).toBe(spec);
    const replaced = await init('flats', '--replace', '--no-train', '--leave-out', 'built');
    expect([replaced.code, replaced.stderr]).toEqual([0, '']);
    const { features } = JSON.parse(readFileSync(ofFlats('spec.json'), 'utf8'));
    expect(features.map(({ name }: { name: string }) => name)).toEqual(['area', 'city']);
  });

  it('has the same output as JSON and as text', async () => {
    const { code, stdout } = await init('flats-too', '--no-train', '--json');
    expect([code, JSON.parse(stdout)]).toMatchObject([
      0,
      {
        event: 'drafted',
        rows: 400,
        spec: { name: 'flats-too' },
        remarks: [{ column: 'nr' }, { column: 'built' }],
        warnings: [],
      },
    ]);
  });

  it.each(['Flats', '../flats', 'my_flats', '3flats', ''])('cannot be called %j', async (name) => {
    const before = readdirSync(directory);
    const { code, stderr } = await init(name, '--replace');
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^invalid_spec: .*[Ll]ower-case/)]);
    expect(readdirSync(directory)).toEqual(before);
  });

  it.each([
    ['a file that is not there', ['--data', 'nowhere.csv'], /^invalid_dataset: .*nowhere\.csv/],
    ['a directory', ['--data', tmpdir()], /^invalid_dataset: .* is a directory: name a file in it/],
    [
      'an address',
      ['--data', 'https://example.com/nuts.csv'],
      /^invalid_dataset: .*: download it first, as with curl -fLO https:/,
    ],
    [
      'a column that is not there',
      ['--target', 'price'],
      /^invalid_dataset: .*"price"; there are nr/,
    ],
  ])('is not made of %s', async (_what, options, message) => {
    const { code, stderr } = await init('other', ...options);
    expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
    expect(readdirSync(models)).not.toContain('other');
  });

  it('reports data that cannot be learnt from', async () => {
    const options = ['--data', file('noise.csv'), '--target', 'coin'];
    const { code, stdout } = await run('init', 'noise', ...options);
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/It is NOT better than always answering the shares of the classes/),
    ]);
  }, 60_000);
});
