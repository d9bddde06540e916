import { expect, it } from '@jest/globals';
import { keepTicksFast } from '../../src/hosts/ticks.js';

it('holds one object as process.nextTick queues them', () => {
  const kept = keepTicksFast();
  expect(kept).toHaveLength(1);
  expect(Object.keys(kept[0]!)).toEqual(['callback', 'args']);
});
