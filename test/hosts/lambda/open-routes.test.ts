import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { StoredRegistry } from '../../../src/adapters/stores/registry.js';
import { VersionService } from '../../../src/registry/service.js';
import { ServingService } from '../../../src/serving/service.js';
import { newAccessTable } from '../../support/access-table.js';
import { MODEL_DIR } from '../../support/app.js';
import { newBucket } from '../../support/bucket.js';
import { CountingProxy } from '../../support/counting-proxy.js';
import { describeAws } from '../../support/emulator.js';
import { registryIn } from '../../support/stores.js';
import { apiGatewayV2 } from './events.js';
import { type StartedFunction, startFunction } from './function.js';
import { describeLambda, MAIN } from './toolbox.js';

const NOTHING = {};
/** A first look at a model: its name, both aliases and the three files of its champion. */
const MOST_OF_A_MODEL = { lists: 4, reads: 5 };

describeLambda('routes that need no key', () => {
  describe.each([1, 12])('on a function with %i models', (count) => {
    describeAws('on AWS', () => {
      let aws: CountingProxy;
      let lambda: StartedFunction;

      beforeAll(async () => {
        const bucket = await newBucket();
        const store = new StoredRegistry(bucket.newPlace('').open());
        await publishCopies(new VersionService(store, new ServingService(store)), count);
        aws = await CountingProxy.start(bucket.endpoint);
        lambda = await startFunction({
          command: [process.execPath, MAIN, 'lambda'],
          env: {
            ...bucket.env,
            AWS_ENDPOINT_URL: aws.url,
            ACCESS: 'keys',
            ACCESS_TABLE: await newAccessTable(),
            // Longer than the tests take: they see one look.
            MODEL_REFRESH_S: '3600',
          },
        });
      }, 60_000);
      afterAll(async () => {
        await lambda?.stop();
        await aws?.stop();
      });

      const get = (path: string) => ask('GET', path);
      async function ask(method: string, path: string, sent?: string, headers = {}) {
        const content = sent === undefined ? {} : { body: sent };
        const { payload, functionError } = await lambda.invoke(
          apiGatewayV2({ method, path, headers, ...content }),
        );
        if (functionError) throw new Error(payload);
        const { statusCode, body } = JSON.parse(payload) as { statusCode: number; body: string };
        return { status: statusCode, body };
      }
      const assets = async () =>
        [...(await get('/docs')).body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path!);

      test('read nothing for pages and their assets, however cold it is', async () => {
        const pages = ['/', '/health/live', '/docs', '/docs/', ...(await assets())];
        expect(pages.length).toBeGreaterThan(8);
        for (const path of pages) expect((await get(path)).status).toBeLessThan(400);
        expect((await get('/docs/static/none.js')).status).toBe(404);
        expect(aws.take()).toEqual(NOTHING);
      });

      test('read each model once', async () => {
        expect((await get('/health/ready')).status).toBe(200);
        const { 'S3 LIST': lists, 'S3 GET': reads, ...others } = aws.take();
        expect(lists).toBeLessThanOrEqual(1 + MOST_OF_A_MODEL.lists * count);
        expect(reads).toBeLessThanOrEqual(MOST_OF_A_MODEL.reads * count);
        expect(others).toEqual(NOTHING);
      });

      test.each(['/health/ready', '/openapi.json', '/docs/json', '/docs/yaml', '/docs', '/'])(
        'read nothing more for %s',
        async (path) => {
          for (let i = 0; i < 3; i++) expect((await get(path)).status).toBeLessThan(400);
          expect(aws.take()).toEqual(NOTHING);
        },
      );

      test('read nothing more for the assets of /docs', async () => {
        for (const path of await assets()) expect((await get(path)).status).toBe(200);
        expect(aws.take()).toEqual(NOTHING);
      });

      test('tell of all models', async () => {
        expect(Object.keys(JSON.parse((await get('/health/ready')).body).models)).toHaveLength(
          count,
        );
      });

      test.each<[status: number, method: string, path: string, body?: string]>([
        [401, 'GET', '/models'],
        [401, 'GET', '/models/unknown'],
        [401, 'GET', '/models/copy-1/versions'],
        [401, 'POST', '/models/copy-1/predictions', '{"instances":[{}]}'],
        [401, 'POST', '/models/unknown/predictions', '{"instances":[{}]}'],
        [401, 'HEAD', '/models'],
        [404, 'GET', '/no/such/route'],
        [404, 'POST', '/no/such/route', '{'],
        [404, 'GET', '/docs/static/none.js'],
        [404, 'GET', '/docs/none'],
        [404, 'GET', '/docs/static/../../package.json'],
        [404, 'HEAD', '/no/such/route'],
        [404, 'OPTIONS', '/no/such/route'],
        [405, 'POST', '/health/ready', '{}'],
        [405, 'DELETE', '/openapi.json'],
        [405, 'PUT', '/docs', '{}'],
        [405, 'OPTIONS', '/models'],
        [405, 'OPTIONS', '/health/ready'],
        [200, 'HEAD', '/health/ready'],
        [200, 'HEAD', '/openapi.json'],
        [200, 'HEAD', '/docs/json'],
      ])('read nothing for the %i of %s %s', async (...row) => {
        // jest gives `done` in place of a body that a row lacks, if it is a parameter.
        const [status, method, path, body] = row;
        for (const headers of [{}, { authorization: 'Bearer lpd_unknown' }]) {
          const answer = await ask(method, path, body, headers);
          expect([answer.status, aws.take()]).toEqual([status, NOTHING]);
        }
      });
    });
  });
});

/** Publishes the shipped model under so many names. */
async function publishCopies(versions: VersionService, count: number): Promise<void> {
  const { version } = await new ServingService(registryIn(MODEL_DIR)).champion('diamonds');
  for (let i = 1; i <= count; i++) {
    const { id: _, ...content } = version;
    await versions.publish({ ...content, spec: { ...version.spec, name: `copy-${i}` } });
  }
}
