import { type LayersArtifact, readWeights, sizeOf, type WeightReader } from '../plan/artifact.js';
import { CorruptArtifactError, UnsupportedLayerError } from '../plan/errors.js';
import { firstNode, type Graph, type LayerNode, readGraph } from '../plan/topology.js';
import { joined } from '../rows.js';
import { FORMULAS } from './layers.js';
import type { Tensor } from './tensor.js';

/** Maximum number of multiplications: a few seconds. Of large networks fewer rows are computed. */
const MOST_WORK = 2e9;
const ROWS_AT_ONCE = 8;

/**
 * Computes a saved network by the formulas in the documentation of Keras, in 64-bit numbers and plain loops. Since it
 * shares no arithmetic with the compiled plan or TensorFlow.js, and reads the configurations itself, it measures the
 * errors of both, and finds mistakes that they have in common.
 * @param inputs `[rows * width]`; several inputs are side by side, in the network's order
 * @returns the number of rows that were computed, and their outputs, `[rows * outputs]`
 * @throws UnsupportedLayerError for a layer without a formula, CorruptArtifactError
 */
export function computeReference(
  artifact: LayersArtifact,
  inputs: Float32Array,
  mostWork = MOST_WORK,
): { rows: number; outputs: Float64Array } {
  const network = new ReferenceNetwork(artifact);
  const { width } = network;
  const given = inputs.length / width;
  const parts: Float64Array[] = [];
  let rows = 0;
  while (rows < given && network.work <= mostWork) {
    const count = Math.min(ROWS_AT_ONCE, given - rows);
    parts.push(network.run(inputs.subarray(rows * width, (rows + count) * width), count));
    rows += count;
  }
  return { rows, outputs: joined(Float64Array, parts) };
}

class ReferenceNetwork {
  readonly width: number;
  /** Multiplications so far. */
  work = 0;
  readonly #graph: Graph;
  readonly #weight: WeightReader;
  readonly #shapes: readonly (readonly number[])[];

  constructor(artifact: LayersArtifact) {
    this.#graph = readGraph(artifact.modelTopology);
    this.#weight = readWeights(artifact);
    this.#shapes = this.#graph.inputs.map(({ layer }) => shapeOf(this.#graph.layers.get(layer)));
    this.width = this.#shapes.map(sizeOf).reduce((sum, size) => sum + size, 0);
  }

  run(inputs: Float32Array, rows: number): Float64Array {
    let at = 0;
    const tensors = this.#shapes.map((shape): Tensor => {
      const size = sizeOf(shape);
      const from = at;
      at += size;
      const values = new Float64Array(rows * size).map(
        (_, i) => inputs[Math.floor(i / size) * this.width + from + (i % size)]!,
      );
      return { rows, shape, values };
    });
    return this.#evaluate(this.#graph, tensors).values;
  }

  #evaluate(graph: Graph, inputs: readonly Tensor[]): Tensor {
    const known = new Map(graph.inputs.map((ref, i) => [`${ref.layer}/${ref.node}`, inputs[i]!]));
    const resolve = (layer: string, node: number): Tensor => {
      const key = `${layer}/${node}`;
      const value = known.get(key) ?? this.#call(graph, layer, node, resolve);
      known.set(key, value);
      return value;
    };
    const [output] = graph.outputs;
    return resolve(output!.layer, output!.node);
  }

  #call(
    graph: Graph,
    name: string,
    node: number,
    resolve: (layer: string, node: number) => Tensor,
  ): Tensor {
    const layer = graph.layers.get(name);
    const call = layer?.calls[node - firstNode(layer)];
    if (!layer || !call) throw new CorruptArtifactError(`Layer '${name}' has no call ${node}`);
    const inputs = call.map((ref) => resolve(ref.layer, ref.node));
    if (layer.inner) return this.#evaluate(layer.inner, inputs);
    const formula = FORMULAS.get(layer.className);
    if (!formula) throw new UnsupportedLayerError(name, layer.className);
    return formula({
      config: layer.config,
      inputs,
      weight: (short, shape) => this.#weight(`${name}/${short}`, shape),
      work: (multiplications) => {
        this.work += multiplications;
      },
      unknown: (why) => new UnsupportedLayerError(name, layer.className, why),
    });
  }
}

function shapeOf(layer: LayerNode | undefined): readonly number[] {
  const shape = layer?.config.batch_input_shape ?? layer?.config.batch_shape;
  return (shape as number[]).slice(1);
}
