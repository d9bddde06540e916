import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openEnvironment, transact } from '../../src/adapters/local/lmdb.js';
import { faultOfDataFile } from '../../src/adapters/local/lmdb-file.js';

const ENTRIES = 400;

let directory: string;
let data: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lapidary-lmdb-'));
  data = join(directory, 'data.mdb');
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Small values, and some that take pages of their own. */
async function write(count = ENTRIES): Promise<void> {
  const root = await openEnvironment(directory);
  const database = root.openDB<string, number>('values', { encoding: 'json' });
  for (let first = 0; first < count; first += 50)
    await transact(root, () => {
      for (let n = first; n < first + 50; n++)
        database.put(n, 'v'.repeat(n % 50 === 0 ? 20_000 : 100));
    });
  await root.close();
}

describe('an LMDB environment', () => {
  it('is opened again as it was', async () => {
    await write();
    expect(faultOfDataFile(data)).toBeUndefined();
    const root = await openEnvironment(directory);
    expect(root.openDB('values', { encoding: 'json' }).getCount()).toBe(ENTRIES);
    await root.close();
  });

  it('is made of an empty file', async () => {
    writeFileSync(data, '');
    await write(50);
    expect(faultOfDataFile(data)).toBeUndefined();
  });

  it('that lacks pages it does not need is opened', async () => {
    await write();
    const bytes = readFileSync(data);
    // As if one page more had been taken and given back before it was written.
    for (const at of [144, 4096 + 144]) bytes.writeBigUInt64LE(bytes.readBigUInt64LE(at) + 1n, at);
    writeFileSync(data, bytes);
    expect(faultOfDataFile(data)).toBeUndefined();
  });

  const damages: Record<string, () => void> = {
    'is text': () => writeFileSync(data, 'what is this?\n'.repeat(1000)),
    'is a line of text': () => writeFileSync(data, 'hello'),
    'is zeros': () => writeFileSync(data, Buffer.alloc(1 << 16)),
    'is cut off in its first page': () => truncateSync(data, 1000),
    'is cut off behind its first page': () => truncateSync(data, 4096),
    'is cut off behind its second page': () => truncateSync(data, 8192),
    'is cut off in the middle': () => truncateSync(data, readFileSync(data).length / 2),
    'lacks its last page': () => truncateSync(data, readFileSync(data).length - 4096),
    'has zeros behind its first pages': () => {
      const bytes = readFileSync(data);
      writeFileSync(data, bytes.fill(0, 8192));
    },
    'is of another version': () => {
      const bytes = readFileSync(data);
      bytes.writeUInt32LE(1, 28);
      writeFileSync(data, bytes);
    },
    'is a directory': () => {
      rmSync(data);
      mkdirSync(data);
    },
  };
  it.each(Object.entries(damages))('is refused when its file %s', async (_what, damage) => {
    await write();
    damage();
    await expect(openEnvironment(directory)).rejects.toMatchObject({
      code: 'storage_unavailable',
      message: expect.stringMatching(/data\.mdb cannot be used: .*; restore a backup/),
    });
  });
});
