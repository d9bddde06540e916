import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { testAws } from '../support/aws-command.js';
import { describeAws, emulator } from '../support/emulator.js';
import { sized } from '../support/size.js';
import { imageOf, runScript, targetFor } from './commands.js';

const ROLE = 'arn:aws:iam::000000000000:role/none';
/** Each runs the command line of AWS some twenty times, which takes seconds each on a busy machine. */
const PATIENCE_MS = 600_000;
const ANSWER = { model: 'diamonds', predictions: [{ id: '1', value: 351.8 }] };

/**
 * Functions on the emulator's Lambda. It keeps their versions and aliases; what they would do it asks of this
 * test, which answers for the versions that it calls good.
 */
describeAws('a deployment', () => {
  const good = new Set(['1', '3']);
  const functions = { api: `test-${randomUUID()}-api`, trainer: `test-${randomUUID()}-trainer` };
  let server: Server;
  let env: Record<string, string>;
  let region: string;

  beforeAll(async () => {
    server = createServer((request, response) => {
      const works = good.has(String(request.headers['x-amzn-lambda-function-version']));
      response.writeHead(works ? 200 : 500).end(JSON.stringify(ANSWER));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const aws = await emulator();
    region = aws.region;
    env = { ...aws.env, DEPLOY_TARGET: JSON.stringify(targetFor(functions, aws.region)) };
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    await Promise.all(Object.values(functions).map((name) => create(name, url)));
  });
  afterAll(async () => {
    await Promise.all(Object.values(functions).map((name) => lambda('DELETE', `/${name}`)));
    await new Promise((resolve) => server.close(resolve));
  });

  /** Asks the emulator's Lambda, which looks at no signature: the command line takes a second for each. */
  async function lambda(method: string, path: string, body?: unknown) {
    const response = await fetch(`${env.AWS_ENDPOINT_URL}/2015-03-31/functions${path}`, {
      method,
      // Of what is signed it only reads the region.
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/lambda/aws4_request`,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  async function create(name: string, url: string) {
    await lambda('POST', '', {
      FunctionName: name,
      PackageType: 'Image',
      Code: { ImageUri: imageOf('1') },
      Role: ROLE,
      Environment: { Variables: { MINISTACK_LAMBDA_PROXY_URL: url } },
    });
    await lambda('POST', `/${name}/versions`, {});
    for (const Name of ['live', 'canary']) {
      await lambda('POST', `/${name}/aliases`, { Name, FunctionVersion: '1' });
    }
  }

  /** Where the aliases of both functions stand. */
  const standing = async () => {
    const told = await Promise.all(
      Object.values(functions).map((name) => lambda('GET', `/${name}/aliases`)),
    );
    return told
      .flatMap(({ Aliases }) => Aliases)
      .map((alias: Record<string, string>) => `${alias.Name} ${alias.FunctionVersion}`)
      .sort();
  };
  const all = (version: number) => [
    `canary ${version}`,
    `canary ${version}`,
    `live ${version}`,
    `live ${version}`,
  ];

  const deploy = (digit: string) =>
    runScript('deploy', ['--env', 'dev', '--image', imageOf(digit)], env);

  testAws(
    'does not go live when it fails: what callers reach is never moved, the canaries are moved back',
    async () => {
      const failed = await deploy('2');
      expect(failed.code).toBe(1);
      expect(failed.stderr).toContain(`${imageOf('2')} is not live: the function failed`);
      expect(failed.stdout).not.toMatch(/^live/m);
      expect(failed.stdout).toContain(`canary  ${functions.api}: 2 -> 1, moved back`);
      expect(await standing()).toEqual(all(1));
    },
    PATIENCE_MS,
  );

  sized(test.skip, testAws)(
    'goes live when it answers, and can be rolled back',
    async () => {
      expect(await deploy('3')).toMatchObject({ code: 0, stderr: '' });
      expect(await standing()).toEqual(all(3));

      const unasked = await runScript('rollback', ['--env', 'dev'], env);
      expect(unasked).toMatchObject({ code: 1, stderr: expect.stringContaining('--yes') });
      expect(await standing()).toEqual(all(3));

      // Version 2 is the one before, and does not work.
      const back = await runScript('rollback', ['--env', 'dev', '--yes'], env);
      expect(back.stdout).toMatch(/skip {4}version 2: .*\ntest {4}version 1,/);
      expect(back.code).toBe(0);
      expect(await standing()).toEqual(all(1));

      const forward = ['--env', 'dev', '--to', '3', '--untested', '--yes'];
      expect(await runScript('rollback', forward, env)).toMatchObject({ code: 0 });
      expect(await standing()).toEqual(all(3));
      const { stdout } = await runScript('status', ['--env', 'dev'], env);
      expect(stdout).toMatch(/ 3 {2}sha256:3{64} {2}<- (live, canary|canary, live)/);
    },
    PATIENCE_MS,
  );
});
