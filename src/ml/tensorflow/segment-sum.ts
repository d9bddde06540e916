import type * as Core from '@tensorflow/tfjs-core';

/** The WASM backend for kernels; its package does not export the type. */
type WasmBackend = Core.KernelBackend & {
  makeOutput(shape: readonly number[], dtype: string): Core.TensorInfo;
  typedArrayFromHeap(tensor: Core.TensorInfo): Float32Array | Int32Array;
};

/**
 * Registers `UnsortedSegmentSum` for the WASM backend, which lacks it: it is the gradient of a gather,
 * so without it no embedding can be trained. Row i of `x` is added to row `segmentIds[i]` of the output.
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
        // As in TensorFlow, rows without a segment are dropped.
        if (segment < 0 || segment >= numSegments) return;
        for (let i = 0; i < width; i++) sums[segment * width + i]! += values[row * width + i]!;
      });
      return output;
    },
  });
}
