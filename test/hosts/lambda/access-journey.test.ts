import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BUILT_IN_PLANS } from '../../../src/access/plans.js';
import type { ClientUsage } from '../../../src/access/schema.js';
import { newAccessTable } from '../../support/access-table.js';
import { DIAMOND, MODEL_DIR } from '../../support/app.js';
import { newBucket } from '../../support/bucket.js';
import { describeAws } from '../../support/emulator.js';
import { runMain, startServer } from '../../support/process.js';
import { sized } from '../../support/size.js';
import { admittedV2, authorizerV2 } from './authorizer-events.js';
import { type StartedFunction, startFunction } from './function.js';
import { describeLambda, MAIN } from './toolbox.js';

const PREDICT = {
  method: 'POST',
  path: '/models/diamonds/predictions',
  body: JSON.stringify({ instances: [DIAMOND, DIAMOND] }),
};
const MONTH = new Date().toISOString().slice(0, 7);

interface Request {
  method: string;
  path: string;
  body?: string;
  headers?: Record<string, string>;
}

const start = (part: string, env: Record<string, string>) =>
  startFunction({ command: [process.execPath, MAIN, 'lambda', part], env });

describeLambda('the authorizer and the API function, with all of access in one table', () => {
  sized(describe.skip, describeAws)('on AWS', () => {
    let directory: string;
    let env: Record<string, string>;
    let authorizer: StartedFunction;
    /** Two instances, as under load. */
    let apis: StartedFunction[];
    let server: Awaited<ReturnType<typeof startServer>>;
    let key: string;
    let admin: string;
    beforeAll(async () => {
      const bucket = await newBucket();
      const target = `s3://${bucket.name}/models/diamonds`;
      const sync = ['s3', 'sync', join(MODEL_DIR, 'diamonds'), target];
      await promisify(execFile)('aws', [...sync, '--endpoint-url', bucket.endpoint], {
        env: { ...process.env, ...bucket.env },
      });
      directory = mkdtempSync(join(tmpdir(), 'lapidary-nothing-'));
      env = {
        ...bucket.env,
        ACCESS_TABLE: await newAccessTable(),
        ACCESS_CACHE_S: '0',
        ADMIN_ROUTES: 'on',
        DATA_DIR: directory,
      };
      await lapidary('clients', 'create', 'acme', '--plan', 'unlimited');
      key = await lapidary('keys', 'create', 'acme', '--scopes', 'predict');
      admin = await lapidary('keys', 'create', 'acme', '--scopes', 'admin');
      authorizer = await start('authorizer', env);
      apis = [await start('api', env), await start('api', env)];
      server = await startServer({ ...env, ACCESS: 'keys' });
    }, 120_000);
    afterAll(async () => {
      for (const each of [authorizer, ...(apis ?? [])]) await each?.stop();
      server?.child.kill();
      await server?.finished;
      rmSync(directory, { recursive: true, force: true });
    });

    async function lapidary(...args: string[]): Promise<string> {
      const { code, stdout, stderr } = await runMain(args, env).finished;
      if (code !== 0) throw new Error(stderr);
      return stdout.trim();
    }
    /** What a client gets from the gateway: the authorizer is asked, then an instance of the API. */
    async function ask(request: Request, text: string, instance = 0) {
      const asked = {
        ...request,
        headers: { ...request.headers, authorization: `Bearer ${text}` },
      };
      const decided = await authorizer.invoke(authorizerV2(asked));
      if (decided.functionError) throw new Error(decided.payload);
      const { isAuthorized, context } = JSON.parse(decided.payload);
      if (!isAuthorized) return { status: 403, body: undefined };
      const { payload, functionError } = await apis[instance]!.invoke(admittedV2(asked, context));
      if (functionError) throw new Error(payload);
      const { statusCode: status, body } = JSON.parse(payload);
      return { status: status as number, body: JSON.parse(body) };
    }
    const askServer = async ({ method, path, body, headers = {} }: Request, text: string) => {
      const { status } = await fetch(server.url + path, {
        method,
        headers: { 'content-type': 'application/json', 'x-api-key': text, ...headers },
        ...(body !== undefined && { body }),
      });
      return { status };
    };
    const used = async () =>
      (JSON.parse(await lapidary('usage', '--json', '--client', 'acme')).items as ClientUsage[])[0]!
        .totals;

    test('count exactly what two instances and a server have answered', async () => {
      const asking = Array.from({ length: 60 }, (_, i) =>
        i % 3 === 2 ? askServer(PREDICT, key) : ask(PREDICT, key, i % 3),
      );
      const answered = (await Promise.all(asking)).filter(({ status }) => status === 200).length;
      expect(answered).toBe(60);
      expect(await used()).toMatchObject({ requests: answered, predictions: 2 * answered });
      const { body } = await ask({ method: 'GET', path: '/usage' }, admin);
      expect(body).toMatchObject({ month: MONTH, items: [{ totals: { requests: answered } }] });
    }, 120_000);

    test('count what has an Idempotency-Key once, wherever it is asked again', async () => {
      const before = await used();
      const again = { ...PREDICT, headers: { 'idempotency-key': 'once' } };
      const answers = await Promise.all([
        ask(again, key, 0),
        ask(again, key, 1),
        askServer(again, key),
        ask(again, key, 0),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      expect((await used()).requests).toBe(before.requests + 1);
    }, 60_000);

    test('count exactly what was answered across kill -9, asked again with its Idempotency-Key', async () => {
      const before = await used();
      let ready: Promise<unknown> = Promise.resolve();
      let [answered, lost, going] = [0, 0, true];
      const call = async (caller: number): Promise<void> => {
        for (let n = 0; going; n++) {
          const request = { ...PREDICT, headers: { 'idempotency-key': `${caller}-${n}` } };
          for (;;) {
            const answer = await askServer(request, key).catch(() => undefined);
            if (answer?.status === 200) break;
            lost++;
            await ready;
          }
          answered++;
        }
      };
      const calling = Promise.all(Array.from({ length: 20 }, (_, i) => call(i)));
      for (let round = 1; round <= 2; round++) {
        const enough = answered + 100 * round;
        while (answered < enough) await new Promise((resolve) => setTimeout(resolve, 5));
        server.child.kill('SIGKILL');
        ready = server.finished.then(async () => {
          server = await startServer({ ...env, ACCESS: 'keys' });
        });
        await ready;
      }
      going = false;
      await calling;
      expect(lost).toBeGreaterThan(0);
      const { requests, predictions } = await used();
      expect([requests - before.requests, predictions - before.predictions]).toEqual([
        answered,
        2 * answered,
      ]);
    }, 120_000);

    test('keep a client within its quota, by what all have counted', async () => {
      const { requests, predictions } = await used();
      const { name: _name, ...terms } = BUILT_IN_PLANS.find(({ name }) => name === 'unlimited')!;
      const body = JSON.stringify({ ...terms, predictionsPerMonth: predictions + 4 });
      const put = await ask({ method: 'PUT', path: '/plans/tight', body }, admin);
      expect(put.status).toBe(200);
      await lapidary('clients', 'change', 'acme', '--plan', 'tight');
      expect((await ask(PREDICT, key, 0)).status).toBe(200);
      expect((await askServer(PREDICT, key)).status).toBe(200);
      // An instance that knows of nobody's month yet sees what the others have counted.
      const fresh = await start('api', env);
      apis.push(fresh);
      expect(await ask(PREDICT, key, 2)).toMatchObject({
        status: 402,
        body: { code: 'quota_exceeded' },
      });
      expect((await used()).requests).toBe(requests + 2);
      await lapidary('clients', 'change', 'acme', '--plan', 'unlimited');
    }, 60_000);

    test('refuse a key that was rotated or revoked', async () => {
      const next = await lapidary('keys', 'rotate', key.split('_')[1]!, '--grace', '0');
      expect((await ask(PREDICT, key)).status).toBe(403);
      expect((await askServer(PREDICT, key)).status).toBe(401);
      expect((await ask(PREDICT, next)).status).toBe(200);
      await lapidary('keys', 'revoke', next.split('_')[1]!);
      expect((await ask(PREDICT, next)).status).toBe(403);
      expect(await lapidary('keys', 'list', '--client', 'acme')).toMatch(/revoked/);
    }, 60_000);

    test('keep nothing on this machine', () => {
      expect(readdirSync(directory)).toEqual([]);
    });
  });

  describe('without a table', () => {
    const env = { STORE: 'aws', S3_BUCKET: 'bucket', AWS_ENDPOINT_URL: 'http://127.0.0.1:1' };

    test.each([
      ['the authorizer does', 'authorizer', {}],
      ['the API function does', 'api', {}],
      ['an authorizer without a caller does', 'authorizer', { ACCESS: 'open' }],
    ])(
      '%s not start',
      async (_what, part, more) => {
        const lambda = await start(part, { ...env, ...more });
        const { payload, functionError } = await lambda.invoke({});
        await lambda.stop();
        expect(functionError).toBe('Unhandled');
        expect(JSON.parse(payload).errorMessage).toContain('need ACCESS_TABLE');
      },
      60_000,
    );

    test('the API function starts where everybody may call', async () => {
      const lambda = await start('api', { ...env, ACCESS: 'open' });
      const { payload } = await lambda.invoke({});
      await lambda.stop();
      expect(JSON.parse(payload).errorMessage).toContain('expected an event of API Gateway');
    }, 60_000);
  });
});
