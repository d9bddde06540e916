import { padded } from '../step.js';

/**
 * Reorders a matrix, [inputs, outputs] row-major, to the panels that `kernel/assembly/dense.ts` reads, padded with
 * columns of zeros.
 */
export function packPanels(matrix: Float32Array, inputs: number, outputs: number): Float32Array {
  const width = padded(outputs);
  const packed = new Float32Array(inputs * width);
  let next = 0;
  for (let first = 0; first < width; first += 8) {
    const panel = Math.min(8, width - first);
    for (let input = 0; input < inputs; input++) {
      const row = input * outputs;
      packed.set(matrix.subarray(row + first, row + Math.min(first + panel, outputs)), next);
      next += panel;
    }
  }
  return packed;
}
