import type { Client, Key } from '../../src/access/port.js';

export const ACME: Client = { id: 'acme', name: 'Acme Ltd', plan: 'free' };

/** Returns a stored key, the same for the same number. */
export function keptKey(n: number, change: Partial<Key> = {}): Key {
  const id = `key${String(n).padStart(13, '0')}`;
  return {
    id,
    prefix: `lap_${id}`,
    hash: 'a'.repeat(64),
    client: 'acme',
    scopes: ['predict', 'data'],
    createdAt: '2026-01-31T10:00:00.000Z',
    ...change,
  };
}
