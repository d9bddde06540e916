import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { DatasetDefinition } from '../../src/datasets/definition.js';
import type { Spec } from '../../src/ml/spec.js';
import { isTestRow } from '../../src/ml/split.js';
import { openDataset } from '../../src/rows/open.js';
import { chunked, newDatasets } from '../support/datasets.js';

/** A row is told by its number, which is the target; a bad one has a size that is none. */
interface Row {
  kind: 'good' | 'bad' | 'short' | 'without target';
}

const FEATURES: DatasetDefinition['features'] = [
  { name: 'size', kind: 'number', missing: [] },
  { name: 'colour', kind: 'category', categories: ['red', 'blue'], unknown: true },
];
/** Definitions that the same rows fit, and what a model reads of them. */
const DEFINITIONS: DatasetDefinition[] = [
  { features: FEATURES, target: { name: 'number', optional: true }, maximumBadShare: 1 },
  { features: FEATURES.toReversed(), target: { name: 'number', optional: true } },
  { features: FEATURES.slice(0, 1), target: { name: 'number', optional: true }, description: 'x' },
].map((definition) => ({ ...definition, maximumBadShare: 1 }));
const SPEC = {
  task: 'regression',
  features: FEATURES.slice(0, 1),
  target: { name: 'number', optional: true },
} as Spec;

const row = fc.record<Row>({
  kind: fc.constantFrom('good', 'good', 'good', 'bad', 'short', 'without target'),
});
const batch = fc.record({
  rows: fc.array(row, { minLength: 1, maxLength: 60 }),
  format: fc.constantFrom('csv' as const, 'ndjson' as const),
  definition: fc.constantFrom(...DEFINITIONS),
});

describe('a row that is held out', () => {
  let world: ReturnType<typeof newDatasets>;
  afterEach(() => world.remove());

  it('stays held out as batches come, whatever is quarantined and redefined', async () => {
    world = newDatasets();
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(batch, { minLength: 1, maxLength: 6 }), async (batches) => {
        const dataset = `d${run++}`;
        const sides = new Map<number, string>();
        const kept: number[] = [];
        let number = 1;
        for (const { rows, format, definition } of batches) {
          // There is always a good row: a batch without one is refused.
          const all: Row[] = [...rows, { kind: 'good' }];
          await world.datasets.define(dataset, definition);
          const text = textOf(all, format, number);
          await world.datasets.append(dataset, format, chunked(text, 97));
          all.forEach(({ kind }, i) => {
            if (kind === 'good') kept.push(number + i);
          });
          number += all.length;
          const found = await sidesOf(world, dataset);
          expect([...found.keys()].sort((a, b) => a - b)).toEqual(kept);
          for (const [row, side] of sides) expect([row, found.get(row)]).toEqual([row, side]);
          for (const [row, side] of found) sides.set(row, side);
        }
        kept.forEach((row, place) => {
          expect(sides.get(row)).toBe(isTestRow(place) ? 'test' : 'training');
        });
      }),
      { numRuns: 40, seed: 7 },
    );
  }, 60_000);
});

async function sidesOf({ datasets }: ReturnType<typeof newDatasets>, dataset: string) {
  const found = new Map<number, string>();
  const source = await datasets.openDataset({ dataset });
  for await (const { training, test } of openDataset(source, SPEC).blocks()) {
    for (const target of training.targets) found.set(target, 'training');
    for (const target of test.targets) found.set(target, 'test');
  }
  return found;
}

function textOf(rows: readonly Row[], format: 'csv' | 'ndjson', first: number): string {
  const lines = rows.map(({ kind }, i) => {
    const size = kind === 'bad' ? 'large' : i;
    const number = kind === 'without target' ? null : first + i;
    if (format === 'ndjson')
      return kind === 'short' ? '{"size":' : JSON.stringify({ size, colour: 'red', number });
    return kind === 'short' ? `${first + i}` : `${size},red,${number ?? ''}`;
  });
  return [...(format === 'csv' ? ['size,colour,number'] : []), ...lines, ''].join('\n');
}
