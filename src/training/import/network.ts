import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { LapidaryError } from '../../core/errors.js';
import type { LayersArtifact } from '../../ml/plan/artifact.js';
import { classesOf, type Spec } from '../../ml/spec.js';
import type { TensorFlow } from '../../ml/tensorflow/backend.js';
import { openNetwork } from '../../ml/tensorflow/plan.js';
import { refusal } from './artifact.js';
import { asKeras2 } from './keras3.js';
import { checkGraph, withinLimits } from './limits.js';
import { refuseDropped, refuseMisread, refuseMisreadAxes } from './settings.js';
import { simplify } from './simplify.js';

/**
 * Opens a model that was trained elsewhere.
 * @throws LapidaryError `invalid_model` if TensorFlow.js cannot open it, or would compute another formula
 */
export async function openForeign(
  tensorflow: TensorFlow,
  artifact: LayersArtifact,
): Promise<LayersModel> {
  const { weightSpecs, modelTopology: given } = asKeras2(artifact);
  checkGraph(given);
  refuseMisread(given);
  const modelTopology = simplify(given);
  const network = await open(tensorflow, { ...artifact, weightSpecs, modelTopology });
  refuseDropped(modelTopology, network.toJSON(null, false));
  refuseMisreadAxes(network);
  return network;
}

async function open(tensorflow: TensorFlow, artifact: LayersArtifact): Promise<LayersModel> {
  try {
    return await withinLimits(tensorflow, artifact.weightSpecs, () =>
      openNetwork(tensorflow, artifact),
    );
  } catch (error) {
    if (error instanceof LapidaryError) throw error;
    throw refusal(explain(error as Error), error);
  }
}

function explain({ message }: Error): string {
  const unknown = /Unknown layer: (\w+)/.exec(message);
  return unknown
    ? `TensorFlow.js does not have the layer ${unknown[1]}: custom layers and layers of Keras alone cannot be imported`
    : `TensorFlow.js cannot open it: ${message.split('\n')[0]}`;
}

/**
 * Reorders the inputs of a model to the order of a spec's encoding.
 * @param names of all its inputs; if omitted, the order is kept
 * @throws LapidaryError `invalid_model` if the names are not the model's
 */
export function orderInputs(
  { layers }: TensorFlow,
  network: LayersModel,
  names: readonly string[] | undefined,
): LayersModel {
  const own = namesOf(network.inputs);
  if (!names || names.join('\n') === own.join('\n')) return network;
  if (names.length !== own.length || !names.every((name) => own.includes(name))) {
    throw refusal(
      `the spec's inputs are ${names.join(', ')}, but the model's are ${own.join(', ')}`,
    );
  }
  const inputs = names.map((name) => network.inputs[own.indexOf(name)]!);
  return layers.model({ inputs, outputs: network.outputs, name: network.name });
}

/**
 * Adapts the outputs of a model to the spec's task. The single output of a sigmoid, the probability of the second of
 * two classes, becomes two: sigmoid(z) is the second output of softmax(0, z).
 * @throws LapidaryError `invalid_model` if they do not fit
 */
export function fitOutputs(tensorflow: TensorFlow, network: LayersModel, spec: Spec): LayersModel {
  const { outputs } = network;
  if (outputs.length > 1) {
    const names = namesOf(outputs).join(', ');
    throw refusal(`it has ${outputs.length} outputs (${names}); it must have one`);
  }
  const classes = classesOf(spec).length;
  const wanted = classes || 1;
  const shape = outputs[0]!.shape.slice(1);
  const size = shape.reduce<number>((product, length) => product * (length ?? Number.NaN), 1);
  if (size === wanted) return network;
  const layer = outputs[0]!.sourceLayer;
  const { activation, units } = layer.getConfig();
  if (classes === 2 && layer.getClassName() === 'Dense' && units === 1 && activation === 'sigmoid')
    return asTwoClasses(tensorflow, network);
  const why = classes > 0 ? `one for each class of "${spec.target.name}"` : 'a regression';
  throw refusal(
    `the spec's task needs ${wanted} output${wanted === 1 ? '' : 's'} (${why}), the model has ${size} ([${shape}])`,
  );
}

/** Returns the names in `model.json`, since tensors may have been renamed to unique names. */
export function namesOf(tensors: readonly SymbolicTensor[]): string[] {
  return tensors.map(({ sourceLayer }) => sourceLayer.name);
}

function asTwoClasses({ tf, layers }: TensorFlow, network: LayersModel): LayersModel {
  const { sourceLayer } = network.outputs[0]!;
  const { name, useBias } = sourceLayer.getConfig();
  const softmax = layers.layers.dense({
    name: name as string,
    units: 2,
    activation: 'softmax',
    useBias: useBias !== false,
  });
  const outputs = softmax.apply(sourceLayer.input) as SymbolicTensor;
  const weights = sourceLayer.getWeights();
  softmax.setWeights(weights.map((weight) => tf.concat([tf.zerosLike(weight), weight], -1)));
  return layers.model({ inputs: network.inputs, outputs, name: network.name });
}
