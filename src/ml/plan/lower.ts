import type { WeightReader } from './artifact.js';
import { CorruptArtifactError, UnsupportedLayerError } from './errors.js';
import { LAYERS } from './layers/table.js';
import { type Step, Value } from './step.js';
import { firstNode, type Graph, type LayerNode, type TensorRef } from './topology.js';

/** The steps of a model in an order in which they can run. */
export interface Program {
  /** The inputs, side by side in a row of the plan's input, in the model's order. */
  readonly inputs: readonly Value[];
  readonly output: Value;
  readonly steps: readonly Step[];
}

/**
 * Converts a graph of layers to steps, from its output backwards and depth first, so that few intermediate results are
 * in use at a time.
 * @throws UnsupportedLayerError for a layer that the plan does not support
 */
export function lower(graph: Graph, weight: WeightReader): Program {
  const inputs = graph.inputs.map((ref) => readInput(layerOf(graph, ref)));
  const steps: Step[] = [];
  const output = lowerGraph(graph, inputs, weight, steps);
  return { inputs, output, steps };
}

function lowerGraph(
  graph: Graph,
  inputs: readonly Value[],
  weight: WeightReader,
  steps: Step[],
): Value {
  const values = new Map<string, Value | 'underway'>();
  graph.inputs.forEach((ref, i) => {
    const value = inputs[i];
    if (value !== undefined) values.set(keyOf(ref), value);
  });

  const resolve = (ref: TensorRef): Value => {
    const key = keyOf(ref);
    const known = values.get(key);
    if (known === 'underway') {
      throw new CorruptArtifactError(`Layer '${ref.layer}' depends on itself`);
    }
    if (known !== undefined) return known;
    values.set(key, 'underway');
    const layer = layerOf(graph, ref);
    const value = lowerCall(layer, callOf(layer, ref).map(resolve), weight, steps);
    values.set(key, value);
    return value;
  };
  return resolve(onlyOutput(graph));
}

function lowerCall(
  layer: LayerNode,
  inputs: readonly Value[],
  weight: WeightReader,
  steps: Step[],
): Value {
  const { name, className, config } = layer;
  if (layer.inner !== undefined) return lowerGraph(layer.inner, inputs, weight, steps);
  const compile = LAYERS.get(className);
  if (compile === undefined) throw new UnsupportedLayerError(name, className);
  return compile({
    name,
    className,
    config,
    inputs,
    weight: (short, shape) => weight(`${name}/${short}`, shape),
    add: (step) => {
      steps.push(step);
      return step.output;
    },
  });
}

function readInput({ name, className, config }: LayerNode): Value {
  const shape = config.batch_input_shape ?? config.batch_shape;
  const [batch, ...row] = Array.isArray(shape) ? shape : [];
  if (batch !== null || row.length === 0 || !row.every((length) => Number.isInteger(length))) {
    const why = `its rows have no fixed shape, but ${JSON.stringify(shape)}`;
    throw new UnsupportedLayerError(name, className, why);
  }
  return new Value(row);
}

function layerOf(graph: Graph, ref: TensorRef): LayerNode {
  const layer = graph.layers.get(ref.layer);
  if (layer === undefined) throw new CorruptArtifactError(`Layer '${ref.layer}' is missing`);
  return layer;
}

function callOf(layer: LayerNode, ref: TensorRef): readonly TensorRef[] {
  const call = layer.calls[ref.node - firstNode(layer)];
  if (call === undefined) {
    throw new CorruptArtifactError(`Layer '${ref.layer}' has no call ${ref.node}`);
  }
  return call;
}

function keyOf(ref: TensorRef): string {
  return `${ref.node}:${ref.layer}`;
}

function onlyOutput({ outputs }: Graph): TensorRef {
  const [ref, ...more] = outputs;
  if (ref === undefined) throw new CorruptArtifactError('The model has no output');
  if (more.length > 0) {
    throw new UnsupportedLayerError(ref.layer, 'Model', 'the model has more than one output');
  }
  return ref;
}
