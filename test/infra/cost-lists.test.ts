import { afterAll, beforeAll, expect } from '@jest/globals';
import { readFacts } from '../../infra/cost/facts.js';
import { Bucket } from '../../src/adapters/objects/bucket.js';
import { newS3Client } from '../../src/adapters/objects/s3-client.js';
import { StoredRegistry } from '../../src/adapters/stores/registry.js';
import { VersionService } from '../../src/registry/service.js';
import { ServingService } from '../../src/serving/service.js';
import { MODEL_DIR } from '../support/app.js';
import { testAws } from '../support/aws-command.js';
import { newBucket } from '../support/bucket.js';
import { CountingProxy } from '../support/counting-proxy.js';
import { describeAws } from '../support/emulator.js';
import { registryIn } from '../support/stores.js';

const { assumptions } = readFacts();
const assumed = (name: string) => assumptions[name]!.value;
const REFRESH_MS = 1000 * assumed('refreshSeconds');
const CLIENTS = 10;

describeAws('what reading the registry in S3 costs', () => {
  let aws: CountingProxy;
  let storeAt: (path: string) => StoredRegistry;
  let now = 1_000_000;

  beforeAll(async () => {
    const bucket = await newBucket();
    aws = await CountingProxy.start(bucket.endpoint);
    process.env.AWS_ENDPOINT_URL = aws.url;
    const client = newS3Client(true);
    storeAt = (prefix) =>
      new StoredRegistry(new Bucket(client, { name: bucket.name, prefix, largestBytes: 1 << 20 }));
    const shipped = new ServingService(registryIn(MODEL_DIR));
    const target = new VersionService(storeAt(''), new ServingService(storeAt('')));
    for (const { version } of await shipped.loadAll()) {
      const { id: _, ...content } = version;
      await target.publish(content);
    }
  }, 60_000);
  afterAll(() => aws?.stop());

  /** A process: what is shared, and what each client has, which is nothing of its own. */
  function newProcess(checkAfter?: number) {
    const options = { now: () => now, ...(checkAfter !== undefined && { checkAfter }) };
    const shared = new ServingService(storeAt(''), options);
    const clients = Array.from(
      { length: CLIENTS },
      (_, i) => new ServingService(storeAt(`clients/c${i}/`), { ...options, shared }),
    );
    const ask = async () => {
      for (const client of clients) await client.champion('diamonds');
    };
    return { shared, clients, ask };
  }
  const counted = async (what: () => Promise<unknown>) => {
    aws.take();
    await what();
    const { 'S3 LIST': lists = 0, 'S3 GET': reads = 0, ...others } = aws.take();
    expect(others).toEqual({});
    return { lists, reads };
  };

  testAws(
    'a function looks for the model, and for each client whether it has its own',
    async () => {
      const { shared, ask } = newProcess(REFRESH_MS);
      await ask();
      expect(await counted(ask)).toEqual({ lists: 0, reads: 0 });
      now += REFRESH_MS;
      expect(await counted(() => shared.champion('diamonds'))).toEqual({
        lists: assumed('listsPerLook'),
        reads: assumed('readsPerLook'),
      });
      expect(await counted(ask)).toEqual({
        lists: CLIENTS * assumed('listsPerClientLook'),
        reads: 0,
      });
    },
  );

  testAws('a server looks for all models, and at what each client has', async () => {
    const { shared, clients, ask } = newProcess();
    await shared.loadAll();
    await ask();
    expect(await counted(() => shared.refresh())).toEqual({
      lists: assumed('listsPerRefresh'),
      reads: assumed('readsPerRefresh'),
    });
    expect(await counted(() => Promise.all(clients.map((client) => client.refresh())))).toEqual({
      lists: CLIENTS * assumed('listsPerClientRefresh'),
      reads: 0,
    });
    expect(await counted(ask)).toEqual({
      lists: CLIENTS * assumed('listsPerClientLook'),
      reads: 0,
    });
    expect(await counted(ask)).toEqual({ lists: 0, reads: 0 });
  });
});
