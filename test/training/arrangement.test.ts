import { describe, expect, it } from '@jest/globals';
import type { Feature } from '../../src/ml/spec.js';
import { Arrangement } from '../../src/training/arrangement.js';

const features: Feature[] = [
  { name: 'when', kind: 'datetime' },
  { name: 'x', kind: 'number' },
];
const block = (rows: readonly (readonly [when: number, x: number, target: number])[]) => ({
  count: rows.length,
  values: Float64Array.from(rows.flatMap((row) => row.slice(0, 2))),
  targets: Float64Array.from(rows, ([, , target]) => target),
});
type Row = [number, number, number];
const many = (count: number, of: (i: number) => Row) =>
  Array.from({ length: count }, (_, i) => of(i));
const shuffled = (i: number): Row => [(i * 37) % 101, i, i];

function remarks(training: Row[], test: Row[]): string[] {
  const arrangement = new Arrangement({ features });
  const half = training.length / 2;
  arrangement.add(block(training.slice(0, half)), block(test));
  arrangement.add(block(training.slice(half)), block([]));
  return arrangement.remarks();
}

describe('the arrangement of rows', () => {
  it('is not worth a word where no rows are repeated and none are in order', () => {
    const others = many(100, (i) => [i, i + 0.5, i]);
    expect(remarks(many(400, shuffled), others)).toEqual([]);
  });

  it('counts held-out rows that are trained on, wherever they stand', () => {
    const test = [...many(30, shuffled), ...many(70, (i) => [i, i, -1])];
    expect(remarks(many(400, shuffled), test)).toEqual([
      expect.stringMatching(/^30 of 100 held-out rows are equal to a training row/),
    ]);
    const gap = Number.NaN;
    const blanks = many(50, (i) => [gap, i % 2, 1]);
    expect(remarks(blanks, [[gap, 1, 1]])).toEqual([expect.stringMatching(/^1 of 1 /)]);
  });

  it('does not take another target, or another order of values, for the same row', () => {
    expect(
      remarks(
        many(400, shuffled),
        many(100, (i) => [i + 1, ((i + 1) * 37) % 101, i + 1]),
      ),
    ).toEqual([]);
  });

  it.each([
    ['rise', (i: number): Row => [1000 + Math.floor(i / 3), i, i], true],
    ['fall', (i: number): Row => [1000 - i, i, i], true],
    ['are all the same', (i: number): Row => [1000, i, i], false],
  ])('is remarked when dates %s', (_what, of, isRemarked) => {
    expect(remarks(many(60, of), [])).toEqual(
      isRemarked ? [expect.stringMatching(/^The rows are in the order of when,/)] : [],
    );
  });
});
