import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { runMain } from '../support/process.js';

const run = (...args: string[]) => runMain(args).finished;

describe('the command line', () => {
  it.each([[[]], [['--help']], [['help']]])('shows its commands: %j', async (args) => {
    const { stdout, stderr } = await run(...args);
    for (const command of ['serve', 'train', 'score', 'lambda'])
      expect(stdout + stderr).toContain(command);
  });

  it('shows an example with each command that takes a model', async () => {
    const { code, stdout } = await run('train', '--help');
    expect([code, stdout]).toEqual([0, expect.stringContaining('npm run train -- diamonds')]);
  });

  it.each([
    ['an unknown command', ['polish']],
    ['an unknown option', ['train', 'diamonds', '--fast']],
    ['no model', ['train']],
    ['an option of serve, which has settings', ['serve', '--port', '9000']],
    ['an argument of serve', ['serve', 'diamonds']],
  ])('ends with 2 on %s', async (_what, args) => {
    const { code, stderr } = await run(...args);
    expect([code, stderr]).toEqual([2, expect.stringContaining('error:')]);
  });

  it.each([['train'], ['score']])(
    '%s ends with 1 on a model that is not there',
    async (command) => {
      const { code, stderr } = await run(command, 'rubies');
      expect([code, stderr]).toEqual([1, expect.stringContaining('model_not_found')]);
    },
  );

  it.each(['serve', 'worker', 'lambda'])('%s --help prints its help', async (host) => {
    const { code, stdout } = await run(host, '--help');
    expect([code, stdout]).toEqual([0, expect.stringContaining(`Usage: lapidary ${host}`)]);
  });

  it('prints its version', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    for (const option of ['--version', '-V'])
      expect(await run(option)).toMatchObject({ code: 0, stdout: `${version}\n` });
  });

  it.each([
    ['models', ['models'], 'MODEL_DIR', ''],
    ['datasets', ['datasets', 'list'], 'DATA_DIR', '/datasets'],
    ['jobs', ['jobs', '--model', 'nuts', '--state', 'failed'], 'DATA_DIR', '/jobs'],
  ])('names where it looked for %s', async (what, args, setting, below) => {
    const directory = mkdtempSync(join(tmpdir(), 'lapidary-none-'));
    const { code, stdout } = await runMain(args, { [setting]: directory }).finished;
    rmSync(directory, { recursive: true });
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(`No ${what}.* in ${directory}${below}`),
    ]);
  });

  it.each([
    ['package.json', ['jobs'], 'ENOTDIR'],
    ['package.json/data', ['clients', 'create', 'acme'], 'ENOTDIR'],
    ['/proc/x', ['clients', 'create', 'acme'], 'ENOENT'],
  ])('names in one line why DATA_DIR=%s cannot be used by %j', async (place, args, code) => {
    const { code: exit, stderr } = await runMain(args, { DATA_DIR: place }).finished;
    expect([exit, stderr]).toEqual([
      1,
      expect.stringMatching(new RegExp(`^storage_unavailable: .*${code}.*\n$`)),
    ]);
  });

  it('runs no Lambda function outside of Lambda', async () => {
    const { code, stderr } = await run('lambda');
    expect([code, stderr]).toEqual([1, expect.stringContaining('AWS_LAMBDA_RUNTIME_API')]);
  });

  it('scores as a table and as JSON', async () => {
    const table = await run('score', 'diamonds');
    expect([table.code, table.stdout]).toEqual([0, expect.stringMatching(/MAE.*\n.*diamonds +\d/)]);
    const json = await run('score', 'diamonds', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({
      model: 'diamonds',
      data: { testRows: 10_789 },
    });
  });
});
