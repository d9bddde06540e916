import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { countObjects } from '../../../src/adapters/objects/counted.js';
import { Directory } from '../../../src/adapters/objects/directory.js';
import type { Objects } from '../../../src/adapters/objects/objects.js';
import { storageIn } from '../../../src/compose/storage.js';
import { BLOCK_BYTES } from '../../../src/core/room.js';
import { filesOf, V1 } from '../../contracts/registry-store.js';
import { FLATS } from '../../support/datasets.js';

const SMALL = Buffer.from('x');

describe('objects that are counted', () => {
  let directory: string;
  let counted: Objects;
  /** Bytes of each room, open ones among them, and whether it was kept. */
  let rooms: { bytes: number; kept?: boolean }[];
  let most: number;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'lapidary-counted-'));
    rooms = [];
    most = Number.POSITIVE_INFINITY;
    counted = countObjects(new Directory(directory), async () => {
      const room: (typeof rooms)[number] = { bytes: 0 };
      rooms.push(room);
      return {
        async take(bytes) {
          if (room.bytes + bytes > most) throw new Error('the plan ends');
          room.bytes += bytes;
        },
        async close(kept) {
          room.kept = kept;
        },
      };
    });
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('take a block each, unless they are not created or are free', async () => {
    await counted.createOnce('a/1', SMALL);
    await counted.createOnce('a/1', SMALL);
    await counted.replace('a/1', Buffer.alloc(BLOCK_BYTES + 1));
    await counted.createOnce('a/2', SMALL, { free: true });
    expect(rooms).toEqual([
      { bytes: BLOCK_BYTES, kept: true },
      { bytes: BLOCK_BYTES, kept: false },
      { bytes: 2 * BLOCK_BYTES, kept: true },
    ]);
    expect((await counted.names('a/')).sort()).toEqual(['1', '2']);
  });

  it('take what is written, until it is given up', async () => {
    const [kept, dropped, empty] = ['a/1', 'a/2', 'a/3'].map((key) => counted.write(key));
    for (const bytes of [3, 4]) await kept!.write(Buffer.alloc(bytes));
    await dropped!.write(SMALL);
    expect(rooms).toEqual([{ bytes: 7 }, { bytes: 1 }]);
    for (const end of [() => kept!.end(), () => dropped!.abort(), () => empty!.end()]) await end();
    await kept!.abort();
    expect(rooms).toEqual([
      { bytes: 7, kept: true },
      { bytes: 1, kept: false },
    ]);
  });

  it('that do not fit are not written, and nothing stays of a version of which one does not', async () => {
    most = BLOCK_BYTES;
    await expect(counted.write('a/1').write(Buffer.alloc(5000))).rejects.toThrow('the plan ends');
    const { registry } = storageIn(counted);
    await expect(registry.publish('gems', V1, filesOf(V1))).rejects.toThrow('the plan ends');
    expect(await counted.bytes()).toBe(0);
  });

  it('can be removed where nothing fits', async () => {
    const { registry, datasets } = storageIn(counted);
    const { store } = await datasets();
    await store.define('flats', FLATS);
    await registry.publish('gems', V1, filesOf(V1));
    await registry.moveAlias('gems', 'champion', undefined, { version: V1 });
    expect(rooms.every(({ bytes, kept }) => bytes > 0 && kept)).toBe(true);
    expect(rooms.at(-1)!.bytes).toBe(BLOCK_BYTES);
    most = 0;
    const more = { version: V1, share: 0.5 };
    await expect(registry.moveAlias('gems', 'challenger', undefined, more)).rejects.toThrow();
    await expect(store.define('more', FLATS)).rejects.toThrow('the plan ends');
    await registry.moveAlias('gems', 'champion', V1, undefined);
    await registry.deleteVersion('gems', V1);
    expect(await store.remove('flats')).toBe(true);
  });
});
