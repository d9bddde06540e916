import { Encoder } from '../../../src/ml/encoding/encoder.js';
import { EncodingFitter } from '../../../src/ml/encoding/fit.js';
import type { FittedEncoding } from '../../../src/ml/encoding/fitted.js';
import type { RowBlock } from '../../../src/ml/rows.js';
import type { EncodingStep, Spec } from '../../../src/ml/spec.js';

export const KINDS = ['round', 'oval', 'pear'];

/** A spec with a feature of every kind. */
export function specOf(...encoding: EncodingStep[]): Spec {
  return {
    name: 'shapes',
    title: 'Shapes',
    description: 'Shapes that were cut at a time.',
    task: 'regression',
    features: [
      { name: 'width', kind: 'number', missing: [0] },
      { name: 'height', kind: 'number', minimum: 0, maximum: 1e9 },
      { name: 'kind', kind: 'category', categories: KINDS },
      { name: 'cut', kind: 'datetime' },
    ],
    target: { name: 'price' },
    encoding,
    network: { hidden: [], activation: 'relu', members: 1 },
    hyperparameters: {
      epochs: 1,
      batchSize: 1,
      learningRate: 0.1,
      warmup: 0,
      beta2: 0.9,
      averaging: 0,
      validation: 0.1,
      patience: 1,
      loss: 'meanSquaredError',
      seed: 1,
    },
  };
}

/** A row as a block holds it: NaN where missing, a category's index, milliseconds since 1970. */
export interface Row {
  width: number;
  height: number;
  kind: number;
  cut: number;
  price: number;
}

const PLAIN: Row = { width: 1, height: 1, kind: 0, cut: 0, price: 1 };

/** A block of rows that say only what matters about them. */
export function blockOf(rows: readonly Partial<Row>[]): RowBlock {
  const whole = rows.map((row) => ({ ...PLAIN, ...row }));
  return {
    count: rows.length,
    values: Float64Array.from(
      whole.flatMap(({ width, height, kind, cut }) => [width, height, kind, cut]),
    ),
    targets: Float64Array.from(whole, ({ price }) => price),
  };
}

/** The encoding of a spec, fitted to rows. */
export function fitEncoding(spec: Spec, rows: RowBlock): FittedEncoding {
  const fitter = new EncodingFitter(spec);
  fitter.add(rows);
  return fitter.fit();
}

/** How one row is encoded by steps that were fitted to others. */
export function encodeRow(
  steps: EncodingStep[],
  fittedTo: readonly Partial<Row>[],
  row: Partial<Row>,
): number[] {
  const spec = specOf(...steps);
  const encoding = fitEncoding(spec, blockOf(fittedTo));
  return [...new Encoder(spec, encoding).encodeRows(blockOf([row]))];
}
