import type { RowBlock } from '../ml/rows.js';
import type { Spec } from '../ml/spec.js';
import type { Example } from '../registry/index.js';
import { instanceAt, targetAt } from '../rows/open.js';

const EXAMPLES = 3;

/** The first of some rows that were held out, as a version shows them. */
export function examplesOf(spec: Spec, sample: RowBlock): Example[] {
  return Array.from({ length: Math.min(EXAMPLES, sample.count) }, (_, row) => ({
    instance: instanceAt(spec, sample, row),
    target: targetAt(spec, sample, row),
  }));
}
