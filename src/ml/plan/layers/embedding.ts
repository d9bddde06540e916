import type { Arena } from '../arena.js';
import { type Place, type Step, Value } from '../step.js';
import { type LayerCompiler, numberOf, onlyFlatInput, unsupported } from './layer.js';

/** A vector of the table for each column of the input, which holds its number. */
class Embedding implements Step {
  readonly inputs: readonly [Value];
  readonly output: Value;
  readonly inPlace = false;

  /** `table` is [entries, size] row-major. */
  constructor(
    input: Value,
    readonly table: Float32Array,
    readonly entries: number,
    readonly size: number,
  ) {
    this.inputs = [input];
    this.output = new Value([...input.shape, size]);
  }

  emit(arena: Arena, [x]: readonly [Place], y: Place): (rows: number) => void {
    const { entries, size } = this;
    const { kernel } = arena;
    const columns = this.inputs[0].width;
    const table = arena.store(this.table);
    return (rows) => {
      for (let column = 0; column < columns; column++) {
        const from = x.address + 4 * column;
        const to = y.address + 4 * column * size;
        kernel.gather(from, x.stride, table, entries, to, y.stride, size, rows);
      }
    };
  }
}

export const compileEmbedding: LayerCompiler = (call) => {
  if (call.config.mask_zero === true) throw unsupported(call, 'it masks');
  const entries = numberOf(call, 'input_dim', Number.NaN);
  const size = numberOf(call, 'output_dim', Number.NaN);
  const table = call.weight('embeddings', [entries, size]);
  return call.add(new Embedding(onlyFlatInput(call), table, entries, size));
};
