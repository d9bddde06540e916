import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LocalAuditLog } from '../../../src/adapters/local/audit.js';
import { makeDirectory, writeDurably } from '../../../src/adapters/local/durable.js';
import { Directory } from '../../../src/adapters/objects/directory.js';
import { storageIn } from '../../../src/compose/storage.js';
import { filesOf } from '../../contracts/registry-store.js';
import { fillStores } from '../../support/filled-stores.js';
import { type PowerLoss, watchFlushes } from '../../support/power-loss.js';
import { registryIn } from '../../support/stores.js';

const [FIRST, SECOND] = ['1111aaaa1111aaaa', '2222bbbb2222bbbb'] as const;

describe('what was acknowledged is there after the power failed', () => {
  let root: string;
  let power: PowerLoss;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'lapidary-power-'));
    power = await watchFlushes(root);
  });
  afterEach(async () => {
    power.end();
    await rm(root, { recursive: true });
  });

  it('a version, and the alias that points to it, with the directories that are new', async () => {
    const store = registryIn(join(root, 'data', 'models'));
    await store.publish('boxes', FIRST, filesOf(FIRST));
    expect(power.lost()).toEqual([]);
    await store.moveAlias('boxes', 'champion', undefined, { version: FIRST });
    expect(power.lost()).toEqual([]);
    await store.publish('boxes', SECOND, filesOf(SECOND));
    await store.moveAlias('boxes', 'champion', FIRST, { version: SECOND });
    await store.moveAlias('boxes', 'challenger', undefined, { version: FIRST });
    await store.moveAlias('boxes', 'challenger', FIRST, undefined);
    expect(power.lost()).toEqual([]);
  });

  it('all that stores keep', async () => {
    await fillStores(storageIn(new Directory(join(root, 'data'))));
    expect(power.lost()).toEqual([]);
  });

  it('an entry of the audit log', async () => {
    const log = new LocalAuditLog(join(root, 'access', 'audit'));
    for (const at of ['2026-01-31T12:00:00.000Z', '2026-02-01T12:00:00.000Z']) {
      const by = { nobody: true } as const;
      await log.append({ at, operation: 'putPlan', by, phase: 'begun', subject: {}, request: '1' });
      expect(power.lost()).toEqual([]);
    }
  });

  it('and the test notices what was not flushed', async () => {
    await makeDirectory(join(root, 'a', 'b'));
    expect(power.lost()).toEqual([]);
    await writeDurably(join(root, 'a', 'b', 'file'), Buffer.from('1'));
    expect(power.lost()).toEqual(['a/b/file']);
    await new Directory(root).replace('a/b/file', Buffer.from('2'));
    expect(power.lost()).toEqual([]);
  });
});
