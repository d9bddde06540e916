import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { type EmbeddingInput, Encoder } from '../../ml/encoding/encoder.js';
import type { FittedEncoding } from '../../ml/encoding/fitted.js';
import { sizeOf } from '../../ml/plan/artifact.js';
import { type ImageFeature, type Spec, slotsOf } from '../../ml/spec.js';
import { refusal } from './artifact.js';
import { namesOf } from './network.js';

/** An input of a model, and the encoded features that it receives. */
export interface BoundInput {
  /** Its name and the shape of its rows in the model. */
  input: string;
  shape: readonly number[];
  takes: string;
}

/** The encoding in the model's order, with the inputs bound to it. */
interface Binding {
  encoding: FittedEncoding;
  inputs: BoundInput[];
}

/**
 * Binds each input of a model to its part of the encoding: first the numbers, then one per embedded category, then
 * the pixels, which join the numbers if the model has no input for them.
 * @throws LapidaryError `invalid_model` if encoding and inputs do not match
 */
export function bindInputs(network: LayersModel, spec: Spec, fitted: FittedEncoding): Binding {
  const shapes = network.inputs.map(rowShapeOf);
  const names = namesOf(network.inputs);
  const encoding = placePixels(spec, fitted, shapes.map(sizeOf));
  const encoder = new Encoder(spec, encoding);
  const parts = partsOf(encoder);
  const fits =
    parts.length === shapes.length && parts.every(({ size }, i) => size === sizeOf(shapes[i]!));
  if (!fits) {
    const taken = names.map((name, i) => `${name} [${shapes[i]}]`).join(', ');
    const made = parts.map(({ what, size }) => `${what} [${size}]`).join(', ');
    const count = shapes.reduce((sum, shape) => sum + sizeOf(shape), 0);
    throw refusal(
      `the spec's encoding has ${encoder.width} numbers: ${made}; the model takes ${count}: ${taken}`,
    );
  }
  network.inputs.forEach((input, i) => {
    const { embedding } = parts[i]!;
    if (embedding) checkEmbedding(network, input, embedding);
  });
  return {
    encoding,
    inputs: parts.map(({ what }, i) => ({ input: names[i]!, shape: shapes[i]!, takes: what })),
  };
}

function rowShapeOf({ sourceLayer, shape }: SymbolicTensor): number[] {
  const row = shape.slice(1);
  if (row.some((length) => length === null))
    throw refusal(`its input ${sourceLayer.name} has no fixed shape, but [${row.map(String)}]`);
  return row as number[];
}

/** Binds pixels to an input of their own if the last of several inputs has their size. */
function placePixels(spec: Spec, fitted: FittedEncoding, sizes: readonly number[]): FittedEncoding {
  const steps = fitted.steps.map((step) => {
    if (step.encode !== 'pixels') return step;
    const image = spec.features.find(({ name }) => name === step.feature) as ImageFeature;
    return { ...step, ownInput: sizes.length > 1 && sizes.at(-1) === slotsOf(image) };
  });
  return { ...fitted, steps };
}

interface Part {
  what: string;
  size: number;
  embedding?: EmbeddingInput;
}

function partsOf({ dense, embeddings, pixels }: Encoder): Part[] {
  return [
    ...(dense > 0 ? [{ what: 'numbers', size: dense }] : []),
    ...embeddings.map((embedding) => ({ what: embedding.feature, size: 1, embedding })),
    ...(pixels ? [{ what: pixels.feature, size: pixels.width * pixels.height }] : []),
  ];
}

/** Checks that an embedding has a row per category; another size means that inputs are mixed up. */
function checkEmbedding(
  network: LayersModel,
  input: SymbolicTensor,
  { feature, categories, size }: EmbeddingInput,
): void {
  const layer = network.layers.find(
    (each) =>
      each.getClassName() === 'Embedding' &&
      each.inboundNodes.some(({ inputTensors }) => inputTensors.includes(input)),
  );
  if (!layer) return;
  const { inputDim, outputDim } = layer.getConfig() as { inputDim: number; outputDim: number };
  if (categories > inputDim) {
    throw refusal(
      `"${feature}" has ${categories} categories, but the embedding ${layer.name} has ${inputDim} rows`,
    );
  }
  if (size !== outputDim) {
    throw refusal(
      `the spec embeds "${feature}" in ${size} numbers, but the embedding ${layer.name} has ${outputDim}`,
    );
  }
}
