import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { testAws } from '../hosts/lambda/toolbox.js';
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
const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'none', AWS_SECRET_ACCESS_KEY: 'none' };

describe('the deployment commands', () => {
  test.each(COMMANDS)('%s tells how it is used', async (name) => {
    const { code, stdout } = await runScript(name, ['--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^usage: /);
  });

  test.each([
    ['up', ['--env', 'staging'], '--env is dev or prd'],
    ['down', [], '--env is dev or prd'],
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
    ['another environment', ['--env', 'prd'], {}, 'DEPLOY_TARGET is of dev'],
    ['no JSON', ['--env', 'dev'], { DEPLOY_TARGET: '{' }, 'DEPLOY_TARGET is not JSON'],
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
    expect(stderr).toContain('dev runs images of registry.example/lapidary-dev, not');
    expect(code).toBe(1);
  });
});

describe('the scan', () => {
  let close = async () => {};
  afterEach(() => close());

  /** What ECR answers; the emulator of the other tests knows no scans. */
  const scanned = async (counts: Record<string, number>, status = 'COMPLETE') => {
    const answer = {
      imageScanStatus: { status },
      imageScanFindings: { findingSeverityCounts: counts },
    };
    const server = createServer((_request, response) => response.end(JSON.stringify(answer)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    close = () => new Promise<void>((resolve) => server.close(() => resolve()));
    const AWS_ENDPOINT_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const env = { ...CREDENTIALS, DEPLOY_TARGET, AWS_ENDPOINT_URL };
    return runScript('scan', ['--env', 'dev', '--image', imageOf('a')], env);
  };

  testAws('lets an image through that has nothing critical', async () => {
    const { code, stdout } = await scanned({ HIGH: 2 });
    expect(stdout).toContain(': 2 HIGH');
    expect(code).toBe(0);
  });

  testAws('stops one that has', async () => {
    const { code, stderr } = await scanned({ CRITICAL: 1, HIGH: 2 });
    expect(stderr).toContain('1 critical findings');
    expect(code).toBe(1);
  });

  testAws('stops one that could not be scanned', async () => {
    expect((await scanned({}, 'FAILED')).code).toBe(1);
  });
});
