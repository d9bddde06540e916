import { expect, it } from '@jest/globals';
import { LOOK_AGAIN_MS, Quotas } from '../../src/access/quota.js';

const LIMIT = 100;

/** Quotas over a store to which another process writes, and how often anybody looked. */
function world() {
  const clock = { now: Date.parse('2026-12-15T10:00:00Z') };
  const others = { predictions: 0, looks: 0 };
  const usage = { client: 'acme', model: 'diamonds', day: '2026-12-15' };
  const store = {
    read: async (month: string) => {
      others.looks++;
      const predictions = month === '2026-12' ? others.predictions : 0;
      return [{ ...usage, requests: 0, predictions, storedBytes: 0, trainingSeconds: 0 }];
    },
  };
  return { clock, others, quotas: new Quotas(store, () => clock.now) };
}

it('waits for nothing while it looks again', async () => {
  const { clock, others, quotas } = world();
  await quotas.prepare('acme');
  others.predictions = LIMIT;
  clock.now += LOOK_AGAIN_MS;
  expect(quotas.prepare('acme')).toBeUndefined();
  expect(quotas.reserve('acme', 1, LIMIT)).toBe(true);
  await new Promise(setImmediate);
  expect(quotas.reserve('acme', 1, LIMIT)).toBe(false);
});

it('does not rely on what it knew before a pause, and looks once for all who ask then', async () => {
  const { clock, others, quotas } = world();
  await quotas.prepare('acme');
  others.predictions = LIMIT;
  clock.now += 10_000;
  const [first, second] = [quotas.prepare('acme'), quotas.prepare('acme')];
  expect(first).toBeInstanceOf(Promise);
  await Promise.all([first, second]);
  expect(quotas.reserve('acme', 1, LIMIT)).toBe(false);
  expect(others.looks).toBe(2);
});

it('starts again with the month in UTC', async () => {
  const { clock, others, quotas } = world();
  others.predictions = LIMIT;
  clock.now = Date.parse('2026-12-31T23:59:59.999Z');
  await quotas.prepare('acme');
  expect(quotas.reserve('acme', 1, LIMIT)).toBe(false);
  clock.now = Date.parse('2027-01-01T00:00:00Z');
  await quotas.prepare('acme');
  expect(quotas.reserve('acme', LIMIT, LIMIT)).toBe(true);
  expect(quotas.reserve('acme', 1, LIMIT)).toBe(false);
});
