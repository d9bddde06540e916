import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runMain } from '../support/process.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MEGA = 2 ** 20;

/** As npm installs the package, but for what is optional, and without asking a registry. */
describe('the package', () => {
  const project = mkdtempSync(join(tmpdir(), 'lapidary-package-'));
  const home = join(project, 'node_modules/lapidary');
  let packed: { filename: string; unpackedSize: number; files: { path: string }[] };
  beforeAll(() => {
    const options = ['--json', '--ignore-scripts', '--pack-destination', project];
    const told = execFileSync('npm', ['pack', ...options], { cwd: ROOT, encoding: 'utf8' });
    [packed] = JSON.parse(told);
    mkdirSync(home, { recursive: true });
    const tarball = join(project, packed.filename);
    execFileSync('tar', ['xzf', tarball, '--strip-components=1', '-C', home]);
    const { dependencies } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
    for (const name of Object.keys(dependencies)) {
      const link = join(project, 'node_modules', name);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(join(ROOT, 'node_modules', name), link);
    }
  });
  let server: ReturnType<typeof run> | undefined;
  afterAll(async () => {
    server?.child.kill();
    await server?.finished;
    rmSync(project, { recursive: true });
  });

  const run = (args: string[], env = {}) => {
    const { bin } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
    return runMain(
      args,
      { DATA_DIR: '', ...env },
      { main: join(home, bin.lapidary), cwd: project },
    );
  };

  it('has the application and the examples, no tests and no infrastructure', () => {
    const others = packed.files
      .map(({ path }) => path)
      .filter((path) => !/^(dist\/[\w-]+\.js|examples\/.+)$/.test(path));
    expect(others.sort()).toEqual([
      'LICENSE',
      'README.md',
      'dist/THIRD-PARTY-LICENSES',
      'package.json',
    ]);
    expect(packed.unpackedSize).toBeLessThan(5 * MEGA);
  });

  it('has the licence of each package that is built into it', () => {
    const licenses = readFileSync(join(home, 'dist/THIRD-PARTY-LICENSES'), 'utf8');
    const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
    const code = packed.files
      .filter(({ path }) => /^dist\/.*\.js$/.test(path))
      .map(({ path }) => readFileSync(join(ROOT, `${path}.map`), 'utf8'));
    const names = code.flatMap((map) =>
      (JSON.parse(map).sources as string[])
        // What a package has bundled itself is in a licence of its own.
        .filter((source) => existsSync(join(ROOT, 'dist', source)))
        .flatMap((source) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1] ?? []),
    );
    expect(names).toEqual(expect.arrayContaining(['fastify', 'typebox', '@aws-sdk/client-s3']));
    const lacking = [...new Set(names)].filter((name) => !licenses.includes(`\n${name} `));
    expect(lacking).toEqual([]);
    expect(licenses).toContain(`\nfastify ${devDependencies.fastify}, MIT`);
    expect(licenses).toContain('Copyright (c) 2016-present The Fastify team');
    // What is installed beside it brings its own.
    for (const name of Object.keys(dependencies)) expect(licenses).not.toContain(`\n${name} `);
  });

  it('makes a model in an empty folder and serves it', async () => {
    expect((await run(['--version']).finished).stdout).toBe('0.1.0\n');
    expect((await run(['models']).finished).stdout).toContain(`No models in ${project}/model`);

    const rows = Array.from(
      { length: 120 },
      (_, i) => `${i % 11},${i % 7},${3 * (i % 11) + (i % 7)}`,
    );
    writeFileSync(join(project, 'sums.csv'), `a,b,sum\n${rows.join('\n')}\n`);
    const init = ['init', 'sums', '--data', 'sums.csv', '--target', 'sum', '--task', 'regression'];
    expect(await run(init).finished).toMatchObject({ code: 0 });
    expect(existsSync(join(project, 'model/sums/spec.json'))).toBe(true);

    cpSync(join(ROOT, 'model/digits'), join(project, 'model/digits'), { recursive: true });
    server = run(['serve'], { PORT: '0' });
    const [, url] = await server.wrote(/listening at (http:\/\/[^"]+)/);
    const predict = (model: string, type: string, body: string | Uint8Array<ArrayBuffer>) =>
      fetch(`${url}/models/${model}/predictions`, {
        method: 'POST',
        headers: { 'content-type': type },
        body,
      });
    const answer = await predict('sums', 'application/json', '{"instances":[{"a":5,"b":3}]}');
    expect(await answer.json()).toMatchObject({ predictions: [{ value: expect.any(Number) }] });
    expect((await fetch(`${url}/docs`)).status).toBe(200);

    // What decodes images is optional, and is not here.
    const image = new Uint8Array(readFileSync(join(home, 'examples/digit.png')));
    const refused = await predict('digits', 'image/png', image);
    expect(await refused.json()).toMatchObject({
      status: 503,
      code: 'not_ready',
      detail: expect.stringContaining('npm install sharp'),
    });
    expect(existsSync(join(home, 'model')) || existsSync(join(home, '.data'))).toBe(false);
  });
});
