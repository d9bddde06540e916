import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import { afterAll, describe, expect, it } from '@jest/globals';
import { Bucket } from '../../src/adapters/objects/bucket.js';
import { Directory } from '../../src/adapters/objects/directory.js';
import { StoredBatchPredictions } from '../../src/adapters/stores/batch-predictions.js';
import { StoredModelDefinitions } from '../../src/adapters/stores/model-definitions.js';
import { StoredRegistry } from '../../src/adapters/stores/registry.js';
import type { DatasetStore, UploadStore } from '../../src/datasets/port.js';
import type { BatchPredictionStore } from '../../src/prediction/port.js';
import type { RegistryStore } from '../../src/registry/port.js';
import type { ModelDefinitions } from '../../src/training/port.js';
import { FLATS } from '../support/datasets.js';
import { modelsIn, openDatasets, registryIn } from '../support/stores.js';

/** Names as a store would get them if nothing before it had looked. */
const NAMES = [
  '..',
  '.',
  '',
  '/',
  '../outside',
  '../../outside',
  'a/../../outside',
  '/tmp/outside',
  '..\\outside',
  '%2e%2e%2foutside',
  'a\0b',
  '\0',
  'line\nbreak',
  '.hidden',
  'e\u0301',
  'diam\u03bfnds',
  '\u202esdnomaid',
  '\uff0e\uff0e\uff0foutside',
  '\ud800',
  'x'.repeat(300),
  '__proto__',
];

interface Stores {
  registry: RegistryStore;
  definitions: ModelDefinitions;
  datasets: DatasetStore;
  uploads: UploadStore;
  batches: BatchPredictionStore;
}
const FILES = {
  'version.json': Buffer.from('{}'),
  'model.json': Buffer.from('{}'),
  'weights.bin': Buffer.from(''),
};

/** Everything that takes a name, with it in each of its places. */
function acts({ registry, definitions, datasets, uploads, batches }: Stores, name: string) {
  const facts = () => Promise.reject(new Error('it was written to'));
  return [
    () => registry.listVersions(name),
    () => registry.listAliases(name),
    () => registry.readAlias(name, 'champion'),
    () => registry.readAlias('boxes', name),
    () => registry.aliasHistory(name, 'champion'),
    () => registry.aliasHistory('boxes', name),
    () => registry.readVersion(name, '0123456789abcdef'),
    () => registry.readVersion('boxes', name),
    () => registry.readRecord(name, '0123456789abcdef'),
    () => registry.readRecord('boxes', name),
    () => registry.publish(name, '0123456789abcdef', FILES),
    () => registry.publish('boxes', name, FILES),
    () => registry.deleteVersion(name, '0123456789abcdef'),
    () => registry.deleteVersion('boxes', name),
    () => registry.moveAlias(name, 'champion', undefined, { version: '0123456789abcdef' }),
    () => registry.moveAlias('boxes', name, undefined, { version: '0123456789abcdef' }),
    () => registry.moveAlias('boxes', 'champion', undefined, { version: name }),
    () => definitions.remove(name),
    () => datasets.define(name, FLATS),
    () => datasets.readDefinition(name),
    () => datasets.remove(name),
    () => datasets.putBatchOnce(name, facts),
    () => datasets.openBatch(name, '0123456789abcdef'),
    () => datasets.openBatch('flats', name),
    () => datasets.listBatches(name, { limit: 1 }),
    () => datasets.readTotals(name),
    () => uploads.read(name, '0193470c-1a2b-7c3d-8e4f-123456789abc'),
    () => uploads.read('flats', name),
    () => uploads.putPart('flats', name, 1, facts),
    () => uploads.finish('flats', name, '0123456789abcdef'),
    () => uploads.abort('flats', name),
    () => batches.putInputOnce(name, facts),
    () => batches.openInput(name),
    () => batches.openResult(name),
    () => batches.remove(name),
  ];
}

const noData = () => Promise.reject(new Error('there is no data'));

describe('stores on this machine', () => {
  const parent = mkdtempSync(join(tmpdir(), 'lapidary-names-'));
  const root = join(parent, 'root');
  mkdirSync(root);
  writeFileSync(join(parent, 'outside'), 'it stays');
  const local = openDatasets(new Directory(root));
  const stores: Stores = {
    registry: registryIn(join(root, 'models')),
    definitions: new StoredModelDefinitions(modelsIn(join(root, 'models')), noData),
    datasets: local.store,
    uploads: local.uploadStore,
    batches: new StoredBatchPredictions(new Directory(root)),
  };
  afterAll(() => rmSync(parent, { recursive: true }));

  it.each(NAMES)('read, write and remove nothing by the name %j', async (name) => {
    await stores.datasets.define('flats', FLATS);
    const before = readdirSync(parent, { recursive: true }).map(String).sort();
    for (const act of acts(stores, name)) {
      const answer = await act().then(
        (value) => ({ value }),
        (error: Error) => ({ error }),
      );
      // What is there is empty, or it is said why not.
      if ('value' in answer)
        expect([undefined, false, '[]', '{}']).toContain(
          typeof answer.value === 'object' && answer.value !== null
            ? JSON.stringify(answer.value)
            : answer.value,
        );
    }
    expect(readdirSync(parent, { recursive: true }).map(String).sort()).toEqual(before);
    expect(existsSync(join(parent, 'outside'))).toBe(true);
  });
});

describe('stores in S3', () => {
  const keys: string[] = [];
  /** A bucket with nothing in it, that notes which keys it is asked for. */
  const client = {
    async send({ input }: { input: Record<string, unknown> }) {
      const { Key, Prefix, Delete } = input as {
        Key?: string;
        Prefix?: string;
        Delete?: { Objects: { Key: string }[] };
      };
      const named = [Key, Prefix, ...(Delete?.Objects ?? []).map((object) => object.Key)];
      keys.push(...named.filter((key) => key !== undefined));
      if (Key !== undefined)
        throw Object.assign(new Error('none'), { name: 'NoSuchKey', $metadata: { attempts: 1 } });
      return { Contents: [], CommonPrefixes: [], KeyCount: 0 };
    },
  } as unknown as S3Client;
  const bucket = new Bucket(client, { name: 'b', prefix: 'p/', largestBytes: 2 ** 20 });
  const { store, uploadStore } = openDatasets(bucket);
  const stores: Stores = {
    registry: new StoredRegistry(bucket),
    definitions: new StoredModelDefinitions(bucket, noData),
    datasets: store,
    uploads: uploadStore,
    batches: new StoredBatchPredictions(bucket),
  };

  it.each(NAMES)('ask for no key with the name %j', async (name) => {
    keys.length = 0;
    for (const act of acts(stores, name)) await act().catch(() => undefined);
    const strange = keys.filter(
      (key) => !/^p\/[a-z][A-Za-z0-9/._-]*$/.test(key) || /\/\.{0,2}(\/|$).|outside/.test(key),
    );
    expect(strange).toEqual([]);
  });
});
