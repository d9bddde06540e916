import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { environmentFor } from '../../infra/scripts/lib/environment.js';

const OURS = 'acme/lapidary';
const FORK = 'mallory/lapidary';

describe('the environment of an event on GitHub', () => {
  test.each([
    ['a push to dev', 'push', 'refs/heads/dev', OURS, 'dev'],
    ['a push to main', 'push', 'refs/heads/main', OURS, 'prd'],
    ['a push to another branch', 'push', 'refs/heads/feature', OURS, undefined],
    ['a branch that is nearly called so', 'push', 'refs/heads/main-2', OURS, undefined],
    ['a branch in a folder', 'push', 'refs/heads/feature/main', OURS, undefined],
    ['another spelling', 'push', 'refs/heads/Main', OURS, undefined],
    ['a tag', 'push', 'refs/tags/v1.0.0', OURS, undefined],
    ['a tag called as the branch', 'push', 'refs/tags/main', OURS, undefined],
    ['a name without its kind', 'push', 'main', OURS, undefined],
    ['a pull request', 'pull_request', 'refs/pull/7/merge', OURS, undefined],
    ['a pull request into main', 'pull_request', 'refs/heads/main', OURS, undefined],
    ['a pull request of a fork', 'pull_request_target', 'refs/heads/main', OURS, undefined],
    ['a schedule', 'schedule', 'refs/heads/main', OURS, undefined],
    ['a start by hand', 'workflow_dispatch', 'refs/heads/main', OURS, undefined],
    ['a push to main in a fork', 'push', 'refs/heads/main', FORK, undefined],
    ['a push to dev in a fork', 'push', 'refs/heads/dev', FORK, undefined],
    ['a property of every object', 'push', 'constructor', OURS, undefined],
  ])('%s', (_name, event, ref, repository, environment) => {
    expect(environmentFor({ event, ref, repository, owner: OURS })).toBe(environment);
  });

  test('none, where no repository was said to deploy, as in a fork', () => {
    const push = { event: 'push', ref: 'refs/heads/main', repository: FORK };
    expect(environmentFor({ ...push, owner: '' })).toBeUndefined();
  });
});

describe('infra/scripts/environment.js', () => {
  const run = async (env: Record<string, string>) => {
    const directory = await mkdtemp(join(tmpdir(), 'lapidary-'));
    const output = join(directory, 'output');
    const all = { PATH: process.env.PATH, GITHUB_OUTPUT: output, ...env };
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['infra/scripts/environment.js'],
      { env: all },
    );
    const written = await readFile(output, 'utf8');
    await rm(directory, { recursive: true });
    return { stdout, written };
  };
  const main = {
    GITHUB_EVENT_NAME: 'push',
    GITHUB_REF: 'refs/heads/main',
    GITHUB_REPOSITORY: OURS,
  };

  test('reads what GitHub says and tells the next job', async () => {
    const told = await run({ ...main, DEPLOY_REPOSITORY: OURS });
    expect(told).toEqual({ stdout: 'prd\n', written: 'environment=prd\n' });
  });

  test('says none without the variable that a fork does not have', async () => {
    expect(await run(main)).toEqual({ stdout: 'none\n', written: 'environment=\n' });
  });
});
