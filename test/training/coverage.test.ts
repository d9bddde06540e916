import { describe, expect, it } from '@jest/globals';
import type { Spec } from '../../src/ml/spec.js';
import { Coverage } from '../../src/training/coverage.js';

const block = (targets: readonly number[]) => ({
  count: targets.length,
  values: new Float64Array(0),
  targets: Float64Array.from(targets),
});

function remarks(
  spec: Pick<Spec, 'task' | 'target'>,
  training: readonly number[],
  test: readonly number[],
  target = { mean: 0, deviation: 1 } as {
    mean: number;
    deviation: number;
    range?: [number, number];
  },
): string[] {
  const coverage = new Coverage(spec);
  coverage.add('training', block(training));
  coverage.add('test', block(test));
  return coverage.remarks({ target });
}

const many = (of: (i: number) => number, rows = 400) =>
  Array.from({ length: rows }, (_, i) => of(i));

describe('of classes', () => {
  const spec = {
    task: 'classification',
    target: { name: 'y', classes: ['no', 'yes', 'so'] },
  } as const;
  const classes = { ...spec, target: { ...spec.target, classes: [...spec.target.classes] } };

  it('nothing is remarked where both parts have all of them', () => {
    expect(
      remarks(
        classes,
        many((i) => i % 3),
        many((i) => i % 3),
      ),
    ).toEqual([]);
  });

  it('those that the metrics do not cover, and those that were not learnt, are named', () => {
    const [unlearnt, unscored] = remarks(
      classes,
      many((i) => i % 2),
      many((i) => 2 * (i % 2)),
    );
    expect(unlearnt).toBe('No training row is of class "so": the model cannot predict it.');
    expect(unscored).toBe(
      'No held-out row is of class "yes": the metrics do not cover this class.',
    );
    expect(
      remarks(
        classes,
        many((i) => i % 3),
        many(() => 1),
      ),
    ).toEqual([
      'No held-out row is of classes "no" or "so": the metrics do not cover these classes.',
    ]);
  });

  it('a number that separates two classes is counted as its class', () => {
    const delays = {
      task: 'classification',
      target: { name: 'd', classes: ['a', 'b'], above: 15 },
    };
    expect(
      remarks(
        delays as never,
        many((i) => i),
        many(() => 3),
      ),
    ).toEqual(['No held-out row is of class "b": the metrics do not cover this class.']);
  });
});

describe('of numbers', () => {
  const spec = { task: 'regression', target: { name: 'y' } } as const;

  it('few held-out rows are remarked', () => {
    expect(
      remarks(
        spec,
        many((i) => i % 7),
        many((i) => i % 7, 12),
      ),
    ).toEqual(['Only 12 rows are held out: other rows may give quite different metrics.']);
  });

  it('values far beyond the others are remarked, in either part', () => {
    const odd = many((i) => (i === 9 ? 1e12 : i % 7));
    const usual = many((i) => i % 7);
    const fitted = { mean: 3, deviation: 2, range: [0, 6] as [number, number] };
    expect(remarks(spec, odd, usual, fitted)).toEqual([
      expect.stringMatching(/^A training row has 1000000000000 as y.*between 0 and 6/),
    ]);
    expect(remarks(spec, usual, odd, { mean: 3, deviation: 2 })).toEqual([
      expect.stringMatching(/^A held-out row has 1000000000000 as y/),
    ]);
  });

  it.each([
    [[1, 2e100], 'y reaches 2e+100; it must be between -1e+100 and 1e+100'],
    [[0, 3e-300], 'the values of y differ by 3e-300 at most: multiply them'],
    [[1], '1 rows to train on and 1 held out are too few'],
  ])('%j cannot be learnt', (targets, message) => {
    const coverage = new Coverage(spec);
    coverage.add('training', block(targets));
    coverage.add('test', block([1]));
    expect(() => coverage.requireLearnable('a.csv')).toThrow(`a.csv: ${message}`);
  });
});
