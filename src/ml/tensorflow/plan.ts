import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { LayersArtifact } from '../plan/artifact.js';
import type { Plan } from '../plan/plan.js';
import { loadTensorFlow, type TensorFlow } from './backend.js';

/** Maximum number of rows per run; TensorFlow.js takes about as long for a hundred rows as for one. */
const MOST_ROWS = 256;
/** Maximum number of floats of the input, and of the output of a layer. */
const FLOATS_AT_ONCE = 1 << 20;
const FLOATS_BETWEEN = 1 << 24;

/** Disposes of the tensors of a model when its plan is no longer reachable. */
const abandoned = new FinalizationRegistry((network: LayersModel) => network.dispose());

/**
 * Creates a plan that runs TensorFlow.js, for a model with a layer that the compiled plan does not support. It is slower,
 * and loads a large library.
 */
export async function loadTensorFlowPlan(artifact: LayersArtifact): Promise<Plan> {
  const tensorflow = await loadTensorFlow();
  const network = await openNetwork(tensorflow, artifact);
  const plan = tensorFlowPlan(tensorflow, network);
  abandoned.register(plan, network);
  return plan;
}

/** Opens an artifact with TensorFlow.js, whose errors it throws. */
export function openNetwork(
  { tf, layers }: TensorFlow,
  { modelTopology, weightSpecs, weightData }: LayersArtifact,
): Promise<LayersModel> {
  const load = async () => ({
    modelTopology: modelTopology as object,
    weightSpecs: weightSpecs as never,
    weightData,
  });
  return layers.loadLayersModel({ load } as ReturnType<typeof tf.io.fromMemory>);
}

/** Creates a plan of a TensorFlow.js model with one output; its inputs are side by side in a row, in their order. */
export function tensorFlowPlan({ tf }: TensorFlow, network: LayersModel): Plan {
  const shapes = network.inputs.map(({ shape }) => shape.slice(1) as number[]);
  const sizes = shapes.map((shape) => tf.util.sizeFromShape(shape));
  const inputSize = sizes.reduce((sum, size) => sum + size, 0);
  const fitting = Math.min(FLOATS_AT_ONCE / inputSize, FLOATS_BETWEEN / widestOf(network));
  const capacity = Math.max(1, Math.min(MOST_ROWS, Math.floor(fitting)));
  const input = new Float32Array(capacity * inputSize);
  return {
    inputSize,
    outputSize: tf.util.sizeFromShape(network.outputs[0]!.shape.slice(1) as number[]),
    capacity,
    input,
    run(rows) {
      if (!(Number.isInteger(rows) && rows >= 1 && rows <= capacity)) {
        throw new RangeError(`A run takes 1 to ${capacity} rows, not ${rows}`);
      }
      return tf.tidy(() => {
        const all = tf.tensor2d(input.slice(0, rows * inputSize), [rows, inputSize]);
        const parts = sizes.length === 1 ? [all] : tf.split(all, sizes, 1);
        const shaped = parts.map((part, i) => tf.reshape(part, [rows, ...shapes[i]!]));
        const output = network.predictOnBatch(shaped) as typeof all;
        return output.dataSync() as Float32Array;
      });
    },
  };
}

/** Returns the largest number of outputs of a layer, per row. */
function widestOf({ layers }: LayersModel): number {
  const widths = layers.flatMap((layer) =>
    'layers' in layer
      ? widestOf(layer as LayersModel)
      : layer.inboundNodes.flatMap(({ outputShapes }) =>
          ([outputShapes].flat(1) as (number | null)[][]).map((shape) =>
            shape.slice(1).reduce<number>((size, length) => size * (length ?? 1), 1),
          ),
        ),
  );
  return Math.max(1, ...widths);
}
