import { describe, expect, it } from '@jest/globals';
import { decide } from '../../src/training/gate.js';

const judge = (candidate: number, champion: number | string, tolerance = 0.01) =>
  decide({ metric: 'mae', value: candidate }, champion, tolerance, 'v1');

describe('what the gate decides', () => {
  it.each([
    [90, 100, 'promoted'],
    [100, 100, 'promoted'],
    [101, 100, 'promoted'],
    [101.01, 100, 'refused'],
    [Number.NaN, 100, 'refused'],
    [Number.POSITIVE_INFINITY, 100, 'refused'],
    [100, Number.NaN, 'promoted'],
    [0, 0, 'promoted'],
    [0.1, 0, 'refused'],
  ])('of %d against %d is %s', (candidate, champion, outcome) => {
    expect(judge(candidate, champion)).toMatchObject({
      outcome,
      decision: { candidate, champion, against: 'v1', tolerance: 0.01 },
    });
  });

  it('depends on the tolerance', () => {
    expect(judge(100.5, 100, 0).outcome).toBe('refused');
    expect(judge(149, 100, 0.5).outcome).toBe('promoted');
  });

  it('lets pass what cannot be compared, with the reason', () => {
    const { outcome, decision } = judge(1, 'there was no champion');
    expect([outcome, decision.reason]).toEqual(['promoted', 'there was no champion']);
    expect(decision).not.toHaveProperty('champion');
  });
});
