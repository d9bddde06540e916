import type {
  LayersModel,
  layers as LayersNamespace,
  SymbolicTensor,
} from '@tensorflow/tfjs-layers';
import { sizeOf, type WeightSpec } from '../../ml/plan/artifact.js';
import type { TensorFlow } from '../../ml/tensorflow/backend.js';
import { refusal } from './artifact.js';
import { isModel, type Json, layersOf, listOf, modelOf, nameOf, objectOf } from './json.js';

type Layer = LayersNamespace.Layer;

const MOST_LAYERS = 2000;
/** Maximum size of a tensor between layers, for one row; the largest of VGG16 has 3 million numbers. */
const MOST_FLOATS = 1 << 24;
/** Maximum number of multiplications for one row; VGG16 takes 15 billion. */
const MOST_WORK = 5e10;
/** Overhead of one step of a recurrent layer, in multiplications. */
const STEP_WORK = 1e6;

/**
 * Opens a model within limits. Layers request their weights and compute the shapes of their outputs while they are
 * assembled, which is where this stops them.
 * @param weights in the model's files
 * @throws LapidaryError `invalid_model`
 */
export async function withinLimits(
  { layers: { layers } }: TensorFlow,
  weights: readonly WeightSpec[],
  open: () => Promise<LayersModel>,
): Promise<LayersModel> {
  const prototype = layers.Layer.prototype as unknown as Guarded;
  const { addWeight, apply } = prototype;
  let left = weights.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  let work = 0;
  prototype.addWeight = function (name, shape, ...rest) {
    left -= sizeOf(shape);
    if (!(left >= 0))
      throw refusal(`its layers have more weights than its files: layer ${this.name}`);
    return addWeight.call(this, name, shape, ...rest);
  };
  prototype.apply = function (inputs, ...rest) {
    const outputs = apply.call(this, inputs, ...rest);
    work += workOf(this, [inputs, outputs].flat() as SymbolicTensor[]);
    if (work > MOST_WORK)
      throw refusal(`it needs more than ${MOST_WORK} multiplications for a row`);
    return outputs;
  };
  try {
    return await open();
  } finally {
    Object.assign(prototype, { addWeight, apply });
  }
}

/** The methods of a layer that add a weight and apply it. */
interface Guarded {
  addWeight(this: Layer, name: string, shape: number[], ...rest: unknown[]): unknown;
  apply(this: Layer, inputs: unknown, ...rest: unknown[]): unknown;
}

/** Estimates the work of a layer: each weight is used at each position except along the last axis, or at each step. */
function workOf(layer: Layer, values: readonly SymbolicTensor[]): number {
  const shapes = values.map(({ shape }) => (shape ?? []).slice(1).map((length) => length ?? 1));
  const largest = Math.max(0, ...shapes.map(sizeOf));
  if (!(largest <= MOST_FLOATS))
    throw refusal(
      `layer ${layer.name} computes ${largest} numbers for a row, more than ${MOST_FLOATS}`,
    );
  const isRecurrent = 'cell' in layer || 'forwardLayer' in layer;
  const places = Math.max(1, ...shapes.map((shape) => sizeOf(shape.slice(0, -1))));
  const perPlace = 'layers' in layer ? 0 : layer.countParams() + (isRecurrent ? STEP_WORK : 0);
  return largest + places * perPlace;
}

/**
 * Checks a graph of layers before TensorFlow.js assembles it, which never ends if layers depend on each other or on
 * a missing one.
 * @throws LapidaryError `invalid_model`
 */
export function checkGraph(topology: unknown): void {
  const models = [modelOf(topology)];
  let count = 0;
  for (let model = models.pop(); model !== undefined; model = models.pop()) {
    const layers = layersOf(model);
    count += layers.length;
    if (count > MOST_LAYERS) throw refusal(`it has more than ${MOST_LAYERS} layers`);
    checkOrder(layers);
    for (const layer of layers) {
      // A model, or the layer inside a wrapper such as TimeDistributed.
      for (const inner of [layer, objectOf(objectOf(layer.config).layer)])
        if (isModel(inner)) models.push(inner);
    }
  }
}

/** Refuses layers whose calls never have all of their inputs. Resolves calls in the order of TensorFlow.js. */
function checkOrder(layers: readonly Json[]): void {
  const done = new Map<unknown, number>();
  let waiting: { name: unknown; call: readonly unknown[] }[] = [];
  for (const layer of layers) {
    const name = nameOf(layer);
    const isThere = layer.class_name === 'InputLayer' || isModel(layer);
    done.set(name, Number(isThere));
    for (const call of listOf(layer.inbound_nodes)) waiting.push({ name, call: listOf(call) });
  }
  while (waiting.length > 0) {
    const still = waiting.filter(({ name, call }) => {
      const refs = typeof call[0] === 'string' ? [call] : call;
      const isReady = refs.every((ref) => {
        const [from, node] = listOf(ref);
        return (done.get(from) ?? 0) > Number(node);
      });
      if (isReady) done.set(name, (done.get(name) ?? 0) + 1);
      return !isReady;
    });
    if (still.length === waiting.length)
      throw refusal(`layer ${still[0]!.name} depends on itself or on a missing layer`);
    waiting = still;
  }
}
