import type { Spec } from '../spec.js';
import type { Table } from '../table.js';
import type { FittedEncoding } from './fitted.js';
import { categoriesOf, stepEncoder, stepWidth } from './steps.js';

/** An embedded category: its input holds the category's index, its layer looks a vector of `size` up. */
export interface EmbeddingInput {
  feature: string;
  categories: number;
  size: number;
}

/**
 * The fused encoding of a version: from the values of an instance to the network's input in one pass,
 * without anything in between. Embedded categories come last, one input each.
 */
export class Encoder {
  /** Inputs that are numbers already. */
  readonly dense: number;
  readonly embeddings: readonly EmbeddingInput[];
  private readonly writes: readonly ((
    values: Float64Array,
    out: Float32Array,
    row: number,
  ) => void)[];

  constructor(
    private readonly spec: Spec,
    encoding: FittedEncoding,
  ) {
    const isEmbedding = (encode: string) => encode === 'embedding';
    const steps = [
      ...encoding.steps.filter((step) => !isEmbedding(step.encode)),
      ...encoding.steps.filter((step) => isEmbedding(step.encode)),
    ];
    let at = 0;
    this.writes = steps.map((step) => {
      const encode = stepEncoder(step, spec);
      const offset = at;
      at += stepWidth(step, spec);
      return (values, out, base) => encode(values, out, base + offset);
    });
    this.embeddings = steps.flatMap((step) =>
      step.encode === 'embedding'
        ? [
            {
              feature: step.feature,
              categories: categoriesOf(spec, step.feature).length,
              size: step.size,
            },
          ]
        : [],
    );
    this.dense = at - this.embeddings.length;
  }

  /** How many inputs an instance becomes. */
  get width(): number {
    return this.dense + this.embeddings.length;
  }

  /** Encodes one instance, given as its features' values in the spec's order, to `out` from `base` on. */
  encode(values: Float64Array, out: Float32Array, base: number): void {
    for (const write of this.writes) write(values, out, base);
  }

  /** Encodes all rows of a table: `[rows * width]`, row by row. */
  encodeTable(table: Table): Float32Array {
    const columns = this.spec.features.map((feature) => table.column(feature.name));
    const values = new Float64Array(columns.length);
    const out = new Float32Array(table.rows * this.width);
    for (let row = 0; row < table.rows; row++) {
      for (let i = 0; i < columns.length; i++) values[i] = columns[i]![row]!;
      this.encode(values, out, row * this.width);
    }
    return out;
  }
}
