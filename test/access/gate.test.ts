import { describe, expect, it } from '@jest/globals';
import { Gate } from '../../src/access/gate.js';
import { makeKey } from '../../src/access/keys.js';
import { BUILT_IN_PLANS } from '../../src/access/plans.js';
import type { AccessStore, Key } from '../../src/access/port.js';
import { ACME } from '../support/access.js';

const REMEMBER_MS = 5000;

/** A gate with one key, whose record can be changed, and how often anybody looked. */
function world(change: Partial<Key> = {}) {
  const { id, text, prefix, hash } = makeKey();
  const clock = { now: Date.parse('2026-01-31T10:00:00Z') };
  const createdAt = new Date(clock.now).toISOString();
  let key: Key = { id, prefix, hash, client: 'acme', scopes: ['predict'], createdAt, ...change };
  let reads = 0;
  const uses: string[] = [];
  const store = {
    readKey: async (asked: string) => {
      reads++;
      return asked === id ? key : undefined;
    },
    readClient: async () => ACME,
    noteKeyUse: async (_id: string, at: string) => {
      uses.push(at);
      key = { ...key, lastUsedAt: at };
    },
  } as unknown as AccessStore;
  return {
    text,
    clock,
    uses,
    gate: new Gate(store, REMEMBER_MS, () => clock.now),
    change: (next: Partial<Key>) => {
      key = { ...key, ...next };
    },
    reads: () => reads,
  };
}

describe('the gate', () => {
  it('returns the admitted caller', async () => {
    const { gate, text } = world();
    expect(await gate.decide({ key: text, scopes: ['predict'] })).toEqual({
      allowed: true,
      caller: {
        client: 'acme',
        key: text.split('_')[1],
        plan: BUILT_IN_PLANS[0],
        scopes: ['predict'],
      },
    });
    expect(await gate.decide({ key: text })).toMatchObject({ allowed: true });
    expect(gate.decide({ key: text, scopes: ['data'] })).toMatchObject({ code: 'forbidden' });
  });

  it('waits for nothing while it remembers, and notices a revoked key soon after', async () => {
    const { gate, text, clock, change, reads } = world();
    await gate.decide({ key: text });
    change({ revokedAt: '2026-01-31T10:00:00Z' });
    clock.now += REMEMBER_MS - 1;
    expect(gate.decide({ key: text })).not.toBeInstanceOf(Promise);
    expect(reads()).toBe(1);
    clock.now += 1;
    expect(await gate.decide({ key: text })).toMatchObject({ detail: 'the API key was revoked' });
    expect(await gate.decide({ key: text })).toMatchObject({ allowed: false });
  });

  it('remembers no key beyond its end', async () => {
    const { gate, text, clock } = world({ expiresAt: '2026-01-31T10:00:01Z' });
    expect(await gate.decide({ key: text })).toMatchObject({ allowed: true });
    clock.now += 1000;
    expect(await gate.decide({ key: text })).toMatchObject({ detail: 'the API key has expired' });
  });

  it('looks for nothing that is no key', async () => {
    const { gate, text, reads } = world();
    for (const key of ['', 'lap_', `${text}x`, text.toLowerCase()])
      expect(await gate.decide({ key })).toMatchObject({ code: 'unauthenticated' });
    expect(reads()).toBe(0);
    expect(await gate.decide({ key: makeKey().text })).toMatchObject({ code: 'unauthenticated' });
    expect(reads()).toBe(1);
  });

  it('notes a use once a minute', async () => {
    const { gate, text, clock, uses } = world();
    for (let i = 0; i < 30; i++) {
      await gate.decide({ key: text });
      clock.now += REMEMBER_MS;
    }
    expect(uses).toHaveLength(3);
  });
});
