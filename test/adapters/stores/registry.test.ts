import { beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { Bucket } from '../../../src/adapters/objects/bucket.js';
import { StoredRegistry } from '../../../src/adapters/stores/registry.js';
import { filesOf, plain, V1, V2 } from '../../contracts/registry-store.js';
import { newBucket } from '../../support/bucket.js';
import { describeAws } from '../../support/emulator.js';

/** What one does at the worst moment of what another does. */
describeAws('versions in S3', () => {
  let world: Awaited<ReturnType<typeof newBucket>>;
  let bucket: Bucket;
  let meddled: StoredRegistry;
  let other: StoredRegistry;
  beforeAll(async () => {
    world = await newBucket();
  });
  beforeEach(async () => {
    const place = world.newPlace();
    bucket = place.open();
    meddled = new StoredRegistry(bucket);
    other = new StoredRegistry(place.open());
    for (const id of [V1, V2]) await other.publish('gems', id, filesOf(id));
  });
  const whole = async () => {
    expect(plain(await other.readVersion('gems', V1))).toEqual(plain(filesOf(V1)));
  };

  /** Runs something once, before the first removal of so many objects. */
  function beforeRemoving(count: number, run: () => Promise<void>): void {
    const remove = bucket.remove.bind(bucket);
    bucket.remove = async (keys) => {
      if (keys.length === count) {
        bucket.remove = remove;
        await run();
      }
      await remove(keys);
    };
  }

  it('are whole when they are published again during the removal of old files', async () => {
    beforeRemoving(2, () => other.publish('gems', V1, filesOf(V1)));
    await meddled.deleteVersion('gems', V1);
    await whole();
  });

  it('are whole when what was found in place is removed while they are published', async () => {
    await other.deleteVersion('gems', V1);
    const createOnce = bucket.createOnce.bind(bucket);
    bucket.createOnce = async (key, bytes) => {
      const created = await createOnce(key, bytes);
      const of = (name: string) => `models/gems/versions/${V1}/${name}`;
      if (key.endsWith('version.json')) await bucket.remove([of('model.json'), of('weights.bin')]);
      return created;
    };
    await meddled.publish('gems', V1, filesOf(V1));
    await whole();
  });

  it('are gone when they are deleted after their record was found in place', async () => {
    const createOnce = bucket.createOnce.bind(bucket);
    bucket.createOnce = async (key, bytes) => {
      const created = await createOnce(key, bytes);
      if (key.endsWith('version.json')) await other.deleteVersion('gems', V1);
      return created;
    };
    await meddled.publish('gems', V1, filesOf(V1));
    await expect(other.readRecord('gems', V1)).rejects.toMatchObject({ code: 'version_not_found' });
  });

  it('are whole when they were all but deleted, and stay', async () => {
    beforeRemoving(1, () => other.moveAlias('gems', 'champion', undefined, { version: V1 }));
    const createOnce = bucket.createOnce.bind(bucket);
    bucket.createOnce = async (key, bytes) => {
      const of = (name: string) => `models/gems/versions/${V1}/${name}`;
      // As who publishes it does, who finds no record.
      if (key.endsWith('version.json')) await bucket.remove([of('model.json'), of('weights.bin')]);
      return createOnce(key, bytes);
    };
    const deleting = meddled.deleteVersion('gems', V1);
    await expect(deleting).rejects.toMatchObject({ code: 'version_in_use' });
    await whole();
  });

  it('stay when an alias is moved there while they are deleted', async () => {
    beforeRemoving(1, () => other.moveAlias('gems', 'champion', undefined, { version: V1 }));
    const deleting = meddled.deleteVersion('gems', V1);
    await expect(deleting).rejects.toMatchObject({ code: 'version_in_use' });
    await whole();
    expect(await other.readAlias('gems', 'champion')).toEqual({ version: V1 });
  });

  it('can be published again when a crash left them half-deleted', async () => {
    beforeRemoving(2, async () => Promise.reject(new Error('the process died')));
    await expect(meddled.deleteVersion('gems', V1)).rejects.toThrow('died');
    expect(await other.listVersions('gems')).toEqual([V2]);
    const moving = other.moveAlias('gems', 'champion', undefined, { version: V1 });
    await expect(moving).rejects.toMatchObject({ code: 'version_not_found' });
    await other.publish('gems', V1, filesOf(V1));
    await whole();
  });
});
