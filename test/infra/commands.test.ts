import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { imageOf, runScript, targetFor } from './commands.js';

const COMMANDS = [
  'deploy',
  'down',
  'environment',
  'plan',
  'push',
  'rehearse',
  'rollback',
  'scan',
  'smoke',
  'status',
  'target',
  'up',
];
const DEPLOY_TARGET = JSON.stringify(targetFor({ api: 'api' }));

describe('the deployment commands', () => {
  test.each(COMMANDS)('%s tells how it is used', async (name) => {
    const { code, stdout } = await runScript(name, ['--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^usage: /);
  });

  test.each([
    ['up', ['--env', 'staging'], '--env must be dev or prd'],
    ['down', [], '--env must be dev or prd'],
    ['status', ['--env', 'dev', '--all'], "Unknown option '--all'"],
    ['deploy', ['--env', 'dev', '--image', 'repository:latest'], 'by its digest'],
    ['rollback', ['--env', 'dev', '--to', 'first'], 'the number of a version'],
    ['rollback', ['--env', 'dev', '--untested'], '--untested needs --to'],
  ])('%s %j is refused before anything is done', async (name, args, reason) => {
    const { code, stderr } = await runScript(name, args);
    expect(stderr).toContain(reason);
    expect(code).toBe(2);
  });

  test.each([
    ['another environment', ['--env', 'prd'], {}, 'DEPLOY_TARGET must be that of prd, not of dev'],
    ['no JSON', ['--env', 'dev'], { DEPLOY_TARGET: '{' }, 'DEPLOY_TARGET must be JSON'],
    ['not all', ['--env', 'dev'], { DEPLOY_TARGET: '{"env":"dev"}' }, 'region'],
  ])('a target of %s is refused', async (_name, args, env, reason) => {
    const { code, stderr } = await runScript('smoke', args, { DEPLOY_TARGET, ...env });
    expect(stderr).toContain(reason);
    expect(code).toBe(1);
  });

  test('an image of another repository is refused', async () => {
    const image = imageOf('a').replace('lapidary-dev', 'lapidary-prd');
    const { code, stderr } = await runScript('deploy', ['--env', 'dev', '--image', image], {
      DEPLOY_TARGET,
    });
    expect(stderr).toContain(
      '--image must be in registry.example/lapidary-dev, the repository of dev, not',
    );
    expect(code).toBe(1);
  });
});

describe('the push', () => {
  test.each([
    ['x86_64', 'linux/amd64'],
    ['arm64', 'linux/arm64'],
  ])('builds for %s as %s', async (architecture, platform) => {
    const bin = await mkdtemp(join(tmpdir(), 'lapidary-push-'));
    // Docker and AWS are not here: a stand-in notes how Docker is called, and reads the password as Docker does.
    const docker = `#!/bin/sh\necho "$@" >> ${bin}/calls\n[ "$1" != login ] || cat > /dev/null\n`;
    await writeFile(join(bin, 'docker'), docker, { mode: 0o755 });
    await writeFile(join(bin, 'aws'), '#!/bin/sh\necho password\n', { mode: 0o755 });
    const env = {
      DEPLOY_TARGET: JSON.stringify({ ...targetFor({ api: 'api' }), architecture }),
      PATH: `${bin}:${process.env.PATH}`,
    };
    const { code, stdout } = await runScript('push', ['--env', 'dev', '--tag', 'tried'], env);
    const calls = await readFile(join(bin, 'calls'), 'utf8');
    await rm(bin, { recursive: true });
    expect(code).toBe(0);
    expect(stdout).toContain(`build   registry.example/lapidary-dev:tried for ${architecture}`);
    expect(calls).toContain(`--sbom=false --platform ${platform} `);
  });
});
