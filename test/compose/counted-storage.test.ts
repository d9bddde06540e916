import { expect, it } from '@jest/globals';
import { countStorage } from '../../src/compose/counted-storage.js';
import type { Storage } from '../../src/compose/storage.js';
import { BLOCK_BYTES } from '../../src/core/room.js';

it('holds each move of an alias against the plan, and lets one be taken away', async () => {
  const moves: unknown[][] = [];
  const registry = { moveAlias: async (...move: unknown[]) => void moves.push(move) };
  const taken: number[] = [];
  const counted = countStorage({ registry } as unknown as Storage, async () => ({
    async take(bytes) {
      taken.push(bytes);
    },
    close() {},
  }));
  await counted.registry.moveAlias('boxes', 'challenger', undefined, { version: '1' });
  expect(taken).toEqual([BLOCK_BYTES]);
  await counted.registry.moveAlias('boxes', 'challenger', '1', undefined);
  expect(taken).toEqual([BLOCK_BYTES]);
  expect(moves).toHaveLength(2);
});
