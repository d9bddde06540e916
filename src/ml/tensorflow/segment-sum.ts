import type * as Core from '@tensorflow/tfjs-core';
import type { WasmBackend } from './wasm-memory.js';

/**
 * Registers `UnsortedSegmentSum`, the gradient of a gather, which the WASM backend does not have but training an
 * embedding needs. Row i of `x` is added to row `segmentIds[i]` of the output.
 */
export function registerSegmentSum(tf: typeof Core): void {
  if (tf.getKernel('UnsortedSegmentSum', 'wasm')) return;
  tf.registerKernel({
    kernelName: 'UnsortedSegmentSum',
    backendName: 'wasm',
    kernelFunc({ inputs, attrs, backend }) {
      const { x, segmentIds } = inputs as { x: Core.TensorInfo; segmentIds: Core.TensorInfo };
      const { numSegments } = attrs as unknown as { numSegments: number };
      const wasm = backend as WasmBackend;
      const rowShape = x.shape.slice(segmentIds.shape.length);
      const output = wasm.makeOutput([numSegments, ...rowShape], x.dtype);
      const sums = wasm.typedArrayFromHeap(output).fill(0);
      const values = wasm.typedArrayFromHeap(x);
      const width = tf.util.sizeFromShape(rowShape);
      wasm.typedArrayFromHeap(segmentIds).forEach((segment, row) => {
        // As in TensorFlow, rows of an invalid segment are dropped.
        if (segment < 0 || segment >= numSegments) return;
        for (let i = 0; i < width; i++) sums[segment * width + i]! += values[row * width + i]!;
      });
      return output;
    },
  });
}
