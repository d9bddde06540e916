import { cp, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { StoredRegistry } from '../../src/adapters/stores/registry.js';
import { newBucket } from '../support/bucket.js';
import { describeAws } from '../support/emulator.js';
import { registryIn } from '../support/stores.js';
import { brokenFiles, filesOf, type Place, registryStoreContract } from './registry-store.js';
import { versionsContract } from './registry-versions.js';

const ID = '1111aaaa1111aaaa';
const HOUR_MS = 3_600_000;

async function newLocalPlace(): Promise<Place> {
  const parent = await mkdtemp(join(tmpdir(), 'lapidary-registry-'));
  const directory = join(parent, 'models');
  return {
    open: () => registryIn(directory),
    lose: (model, id, file) => rm(join(directory, model, 'versions', id, file)),
    remove: () => rm(parent, { recursive: true }),
  };
}

describe('the local store', () => {
  registryStoreContract(newLocalPlace);
  let place: Place;
  beforeEach(async () => {
    place = await newLocalPlace();
  });
  afterEach(() => place.remove());
  versionsContract(() => place);
});

describeAws('the store on S3', () => {
  let bucket: Awaited<ReturnType<typeof newBucket>>;
  beforeAll(async () => {
    bucket = await newBucket();
  });
  const newPlace = async (): Promise<Place> => {
    const { prefix, open } = bucket.newPlace();
    return {
      open: () => new StoredRegistry(open()),
      async lose(model, id, file) {
        const Key = `${prefix}models/${model}/versions/${id}/${file}`;
        await bucket.client.send(new DeleteObjectCommand({ Bucket: bucket.name, Key }));
      },
      remove: async () => undefined,
    };
  };
  registryStoreContract(newPlace);
  let place: Place;
  beforeEach(async () => {
    place = await newPlace();
  });
  versionsContract(() => place);

  it('sweeps files of versions without a record, and no whole version', async () => {
    const { open } = bucket.newPlace();
    const objects = open();
    const store = new StoredRegistry(objects);
    for (const model of ['gems', 'rings']) await store.publish(model, ID, filesOf(ID));
    await objects.remove([`models/rings/versions/${ID}/version.json`]);
    const files = (model: string) => objects.names(`models/${model}/versions/${ID}/`);
    const sweep = async (before: number) => {
      for (const model of await store.names()) await store.sweep(model, new Date(before));
    };
    await sweep(Date.now() - HOUR_MS);
    expect(await files('rings')).toHaveLength(2);
    await sweep(Date.now() + HOUR_MS);
    expect(await files('rings')).toEqual([]);
    expect(await files('gems')).toHaveLength(3);
  });
});

describe('the directory of the local store', () => {
  let parent: string;
  let models: string;
  let store: StoredRegistry;
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'lapidary-registry-'));
    models = join(parent, 'models');
    store = registryIn(models);
  });
  afterEach(() => rm(parent, { recursive: true }));

  it('may hold other things than models', async () => {
    await store.publish('gems', ID, filesOf('1'));
    await store.moveAlias('gems', 'champion', undefined, { version: ID });
    await mkdir(join(models, 'drafts'));
    await mkdir(join(models, '.git'));
    for (const name of ['README.md', 'notes']) await writeFile(join(models, name), 'text');
    expect(await store.listModels()).toEqual(['gems']);
    expect(await store.readAlias('notes', 'champion')).toBeUndefined();
  });

  it('holds only the version once it is published, any number of times', async () => {
    await store.publish('gems', ID, filesOf('1'));
    await store.publish('gems', ID, filesOf('1'));
    expect(await readdir(join(models, 'gems', 'versions'))).toEqual([ID]);
  });

  it('shows nothing of a version that a crash left incomplete', async () => {
    await store.publish('gems', ID, filesOf('1'));
    const versions = join(models, 'gems', 'versions');
    await cp(join(versions, ID), join(versions, '.half'), { recursive: true });
    await rm(join(versions, ID), { recursive: true });
    await rm(join(versions, '.half', 'weights.bin'));
    await expect(store.readVersion('gems', ID)).rejects.toMatchObject({ code: 'version_corrupt' });
    await expect(store.readVersion('gems', '.half')).rejects.toThrow();
    expect(await store.listModels()).toEqual([]);
  });

  it('removes files of killed processes, and no others', async () => {
    await store.publish('gems', ID, filesOf('1'));
    await store.moveAlias('gems', 'champion', undefined, { version: ID });
    const uuid = '.01a22027-221a-76fc-b684-e34c173eba79';
    const gems = join(models, 'gems');
    const left = [uuid, join('versions', uuid), join('aliases', 'champion', uuid)];
    await mkdir(join(gems, 'versions', uuid));
    await writeFile(join(gems, 'versions', uuid, 'weights.bin'), 'half');
    for (const name of [left[0]!, left[2]!]) await writeFile(join(gems, name), 'half');
    for (const name of ['.notes', 'data.csv']) await writeFile(join(gems, name), 'people');
    const there = async () => (await readdir(gems, { recursive: true })).sort();
    const before = await there();
    expect(await store.sweep('gems', new Date(Date.now() - HOUR_MS))).toBe(true);
    expect(await there()).toEqual(before);
    expect(await store.sweep('gems', new Date(Date.now() + HOUR_MS))).toBe(false);
    const swept = [...left, join('versions', uuid, 'weights.bin')];
    expect(await there()).toEqual(before.filter((name) => !swept.includes(name)));
    expect(await store.readAlias('gems', 'champion')).toEqual({ version: ID });
  });

  it('can be moved', async () => {
    await store.publish('gems', ID, filesOf('1'));
    await store.moveAlias('gems', 'champion', undefined, { version: ID });
    await rename(models, join(parent, 'moved'));
    const moved = registryIn(join(parent, 'moved'));
    expect(await moved.readAlias('gems', 'champion')).toEqual({ version: ID });
    expect(Object.keys(await moved.readVersion('gems', ID)).sort()).toEqual(
      Object.keys(filesOf('1')).sort(),
    );
  });

  it('keeps nothing of a version that could not be written', async () => {
    await expect(store.publish('gems', ID, brokenFiles())).rejects.toThrow('the disk is full');
    expect(await readdir(join(models, 'gems', 'versions')).catch(() => [])).toEqual([]);
  });

  it('contains all written files', async () => {
    await store.publish('../evil', ID, filesOf('1')).catch(() => undefined);
    await store.publish('gems', '../../../evil', filesOf('1')).catch(() => undefined);
    await store.moveAlias('../evil', 'champion', undefined, { version: ID }).catch(() => undefined);
    expect((await readdir(parent)).filter((name) => name !== 'models')).toEqual([]);
  });
});
