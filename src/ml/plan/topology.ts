import { CorruptArtifactError } from './errors.js';

/** An untrusted JSON object of the topology. */
export type Json = Readonly<Record<string, unknown>>;

/** The output of a call of a layer: a layer that is called twice has the nodes 0 and 1. */
export interface TensorRef {
  readonly layer: string;
  readonly node: number;
}

export interface LayerNode {
  readonly name: string;
  readonly className: string;
  readonly config: Json;
  /** The inputs of each call. */
  readonly calls: readonly (readonly TensorRef[])[];
  /** The inner layers, if the layer is itself a model. */
  readonly inner?: Graph;
}

export interface Graph {
  readonly layers: ReadonlyMap<string, LayerNode>;
  readonly inputs: readonly TensorRef[];
  readonly outputs: readonly TensorRef[];
}

/**
 * Reads `modelTopology`, written by TensorFlow.js or converted from Keras, as a graph of layers. A sequential model
 * becomes a chain.
 * @throws CorruptArtifactError if it is invalid
 */
export function readGraph(topology: unknown): Graph {
  const root = object(topology, 'modelTopology');
  return readModel(object(root.model_config ?? root, 'model_config'));
}

function readModel(model: Json): Graph {
  return model.class_name === 'Sequential' ? readSequential(model) : readFunctional(model);
}

function readSequential({ config }: Json): Graph {
  // Early versions of Keras have the list of layers in place of a config.
  const list = Array.isArray(config) ? config : listOf(object(config, 'config').layers, 'layers');
  const entries = list.map((entry) => object(entry, 'layer'));
  const first = entries[0];
  if (first !== undefined && first.class_name !== 'InputLayer') {
    const shape = object(first.config, 'config').batch_input_shape;
    const name = 'sequential_input';
    entries.unshift({ class_name: 'InputLayer', config: { name, batch_input_shape: shape } });
  }
  const layers = new Map<string, LayerNode>();
  let previous: TensorRef[] = [];
  for (const entry of entries) {
    const layer = readLayer(entry, [previous]);
    layers.set(layer.name, layer);
    previous = [{ layer: layer.name, node: firstNode(layer) }];
  }
  const input = layers.keys().next().value;
  if (input === undefined) throw new CorruptArtifactError('The model has no layers');
  return { layers, inputs: [{ layer: input, node: 0 }], outputs: previous };
}

function readFunctional(model: Json): Graph {
  const config = object(model.config, 'config');
  const layers = new Map<string, LayerNode>();
  for (const entry of listOf(config.layers, 'layers').map((value) => object(value, 'layer'))) {
    const calls = listOf(entry.inbound_nodes, 'inbound_nodes');
    const layer = readLayer(
      entry,
      calls.length === 0 ? [[]] : calls.map((call) => listOf(call, 'inbound_nodes').map(readRef)),
    );
    layers.set(layer.name, layer);
  }
  return {
    layers,
    inputs: listOf(config.input_layers, 'input_layers').map(readRef),
    outputs: listOf(config.output_layers, 'output_layers').map(readRef),
  };
}

function readLayer(entry: Json, calls: LayerNode['calls']): LayerNode {
  const config = entry.config;
  const className = text(entry.class_name, 'class_name');
  const isModel = className === 'Sequential' || className === 'Model' || className === 'Functional';
  const named = Array.isArray(config) ? {} : object(config, 'config');
  return {
    name: text(entry.name ?? named.name, 'name'),
    className,
    config: named,
    calls,
    ...(isModel ? { inner: readModel(entry) } : {}),
  };
}

/** Returns the node of the first call of a layer: 1 for an inner model, whose node 0 is its own inputs. */
export function firstNode(layer: LayerNode): number {
  return layer.inner === undefined ? 0 : 1;
}

function readRef(value: unknown): TensorRef {
  const [layer, node, tensor] = listOf(value, 'tensor reference');
  if (typeof layer !== 'string' || typeof node !== 'number' || tensor !== 0) {
    throw new CorruptArtifactError(`Not a tensor reference: ${JSON.stringify(value)}`);
  }
  return { layer, node };
}

function object(value: unknown, what: string): Json {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw missing('object', what);
  return value as Json;
}

function listOf(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw missing('list', what);
  return value;
}

function text(value: unknown, what: string): string {
  if (typeof value !== 'string') throw missing('text', what);
  return value;
}

function missing(kind: string, what: string): CorruptArtifactError {
  return new CorruptArtifactError(`The ${kind} '${what}' is missing in the topology`);
}
