import { Value } from '../step.js';
import { type LayerCompiler, numberOf, onlyFlatInput, unsupported } from './layer.js';

/** Compiles an Embedding: each column of the input holds the number of a row of its table. */
export const compileEmbedding: LayerCompiler = (call) => {
  if (call.config.mask_zero === true) throw unsupported(call, 'it masks');
  const entries = numberOf(call, 'input_dim', Number.NaN);
  const size = numberOf(call, 'output_dim', Number.NaN);
  const weights = call.weight('embeddings', [entries, size]);
  const input = onlyFlatInput(call);
  return call.add({
    inputs: [input],
    output: new Value([...input.shape, size]),
    inPlace: false,
    emit(arena, [x], y) {
      const { gather } = arena.kernel;
      const table = arena.store(weights);
      return (rows) => {
        for (let column = 0; column < input.width; column++) {
          const from = x!.address + 4 * column;
          const to = y.address + 4 * column * size;
          gather(from, x!.stride, table, entries, to, y.stride, size, rows);
        }
      };
    },
  });
};
