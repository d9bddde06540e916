import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BUILT_IN_PLANS } from '../../src/access/plans.js';
import { AccessService } from '../../src/access/service.js';
import { LmdbAccessStore } from '../../src/adapters/local/access.js';
import { openEnvironment } from '../../src/adapters/local/lmdb.js';
import { ACME } from '../support/access.js';

const MINUTE_MS = 60_000;
const ALL = { limit: 100 };

let directory: string;
let store: LmdbAccessStore;
let service: AccessService;
let now: number;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'lapidary-access-'));
  store = new LmdbAccessStore(await openEnvironment(directory));
  now = Date.parse('2026-01-31T10:00:00Z');
  service = new AccessService(store, () => now);
  await service.createClient(ACME);
});
afterEach(async () => {
  await store.close();
  rmSync(directory, { recursive: true });
});

describe('keys', () => {
  it('are shown once', async () => {
    const { key, ...shown } = await service.createKey('acme', ['predict']);
    expect(key.startsWith(`${shown.prefix}_`)).toBe(true);
    expect(shown).not.toHaveProperty('hash');
    const listed = await service.listKeys({}, ALL);
    expect(listed.items).toEqual([shown]);
    const secret = key.split('_')[2]!;
    expect(JSON.stringify(await store.readKey(shown.id))).not.toContain(secret.slice(0, 20));
  });

  it('rotate: one that expires after the year 9999 works for no longer than the grace', async () => {
    for (const expiry of ['+010000-01-01T00:00:00Z', '9999-12-31T23:59:59-01:00']) {
      const old = await service.createKey('acme', ['predict'], expiry);
      await service.rotateKey(old.id, 10 * MINUTE_MS);
      const { items } = await service.listKeys({}, { limit: 1000 });
      const { expiresAt } = items.find(({ id }) => id === old.id)!;
      expect(Date.parse(expiresAt!)).toBeLessThan(Date.parse('9999-01-01'));
    }
  });

  it('rotate: the new one has the rights of the old one, which works for a while', async () => {
    const expiresAt = '2027-01-01T00:00:00.000Z';
    const old = await service.createKey('acme', ['train', 'data'], expiresAt);
    const next = await service.rotateKey(old.id, 10 * MINUTE_MS);
    expect(next).toMatchObject({ client: 'acme', scopes: ['train', 'data'], expiresAt });
    expect(next.key).not.toBe(old.key);
    const kept = await store.readKey(old.id);
    expect(Date.parse(kept!.expiresAt!)).toBe(now + 10 * MINUTE_MS);
    now += 10 * MINUTE_MS;
    await expect(service.rotateKey(old.id, 0)).rejects.toMatchObject({ code: 'key_not_found' });
  });

  it.each([
    ['of an unknown client', () => service.createKey('nobody', ['predict']), 'client_not_found'],
    [
      'that has expired',
      () => service.createKey('acme', [], '2025-01-01T00:00:00Z'),
      'invalid_request',
    ],
    ['that expires at no time', () => service.createKey('acme', [], 'soon'), 'invalid_request'],
    ['that was never there', () => service.revokeKey('nokey'), 'key_not_found'],
  ])('%s are refused', async (_what, ask, code) => {
    await expect(ask()).rejects.toMatchObject({ code });
  });
});

describe('clients and plans', () => {
  it.each([
    ['a client again', () => service.createClient(ACME), 'client_exists'],
    [
      'a client that is a path',
      () => service.createClient({ ...ACME, id: '../x' }),
      'invalid_request',
    ],
    [
      'a client on no plan',
      () => service.createClient({ ...ACME, id: 'x', plan: 'y' }),
      'plan_not_found',
    ],
    [
      'to change an unknown client',
      () => service.changeClient('nobody', { plan: 'free' }),
      'client_not_found',
    ],
    ['to move to no plan', () => service.changeClient('acme', { plan: 'y' }), 'plan_not_found'],
    [
      'to change a built-in plan',
      () => service.putPlan('free', BUILT_IN_PLANS[1]!),
      'plan_built_in',
    ],
  ])('refuse %s', async (_what, ask, code) => {
    await expect(ask()).rejects.toMatchObject({ code });
  });

  it('may be own ones, beside those that are always there', async () => {
    const { name: _name, ...terms } = BUILT_IN_PLANS[0]!;
    await service.putPlan('tiny', { ...terms, predictionsPerMonth: 5 });
    expect((await service.listPlans()).map(({ name }) => name)).toEqual([
      'free',
      'standard',
      'unlimited',
      'tiny',
    ]);
    expect(await service.changeClient('acme', { plan: 'tiny' })).toEqual({ ...ACME, plan: 'tiny' });
  });
});
