import type { RowBlock } from '../ml/rows.js';
import type { Spec } from '../ml/spec.js';
import type { Example } from '../registry/index.js';
import { instanceAt, targetAt } from '../rows/open.js';

const EXAMPLES = 3;

/** Returns the first held-out rows as the examples of a version. */
export function examplesOf(spec: Spec, sample: RowBlock): Example[] {
  return Array.from({ length: Math.min(EXAMPLES, sample.count) }, (_, row) => ({
    instance: instanceAt(spec, sample, row),
    target: targetAt(spec, sample, row),
  }));
}
