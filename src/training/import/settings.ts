import type { LayersModel, layers } from '@tensorflow/tfjs-layers';
import { refusal } from './artifact.js';
import { isModel, type Json, layersOf, modelOf, nameOf, objectOf } from './json.js';

type Layer = layers.Layer;

/** Settings that TensorFlow.js ignores or misreads unless they have their default. */
const MISREAD: readonly [layer: RegExp, key: string, harmless: readonly unknown[]][] = [
  [/^(Conv|DepthwiseConv|SeparableConv)/, 'groups', [1]],
  [/^DepthwiseConv/, 'dilation_rate', [1]],
  [/^Conv\w+Transpose$/, 'dilation_rate', [1]],
  [/^Conv\w+Transpose$/, 'output_padding', []],
  [/^SeparableConv/, 'depth_multiplier', [1]],
  [/^ReLU$/, 'negative_slope', [0]],
  [/^ReLU$/, 'threshold', [0]],
  [/^Global/, 'keepdims', [false]],
  [/^UpSampling/, 'interpolation', ['nearest']],
  [/^(GRU|GRUCell)$/, 'reset_after', [false]],
];

/** Settings that do not change the answers of a trained layer. */
const HARMLESS =
  /^(name|dtype|trainable|batch_input_shape|batch_size|sparse|ragged|optional|autocast|module|registered_name|build_config|build_input_shape|quantization_config|lora_\w+|seed|noise_shape|implementation|unroll|stateful|unit_forget_bias|momentum|renorm_\w+|virtual_batch_size|fused|synchronized|adjustment|input_length|\w*_(initializer|regularizer|constraint|dropout)|dropout|rate|stddev|use_cudnn|experimental_\w+|shared_object_id|is_graph_network|zero_output_for_mask|layers|input_layers|output_layers|inbound_nodes)$/;

/** Values of other settings that change nothing. */
const NEUTRAL: Readonly<Record<string, readonly unknown[]>> = {
  groups: [1],
  negative_slope: [0],
  threshold: [0],
  depth_multiplier: [1],
  interpolation: ['nearest'],
  dilation_rate: [1],
  data_format: ['channels_last'],
  renorm: [false],
  rms_scaling: [false],
  time_major: [false],
  keepdims: [false],
  reset_after: [false],
};

/**
 * Refuses a model with a setting that TensorFlow.js silently ignores.
 * @throws LapidaryError `invalid_model` naming layer and setting
 */
export function refuseMisread(topology: unknown): void {
  let masks = false;
  eachLayer(modelOf(topology), (layer) => {
    const { class_name } = layer;
    const config = objectOf(layer.config);
    for (const [layers, key, harmless] of MISREAD)
      if (layers.test(String(class_name)) && !isOneOf(config[key], harmless))
        throw ignores(layer, key);
    masks ||= class_name === 'Masking' || config.mask_zero === true;
    if (masks && class_name === 'GlobalAveragePooling1D')
      throw refusal(
        `TensorFlow.js averages masked steps too, in layer ${nameOf(layer)}: remove the mask`,
      );
  });
}

/**
 * Refuses a model that normalises along another axis than the last, which TensorFlow.js computes incorrectly.
 * @throws LapidaryError `invalid_model` naming the layer
 */
export function refuseMisreadAxes({ layers }: { layers: Layer[] }): void {
  for (const layer of layers) {
    if ('layers' in layer) refuseMisreadAxes(layer as unknown as LayersModel);
    if (layer.getClassName() !== 'BatchNormalization') continue;
    const [axis] = [layer.getConfig().axis as number | number[]].flat();
    const last = [layer.inboundNodes[0]!.inputShapes[0]].flat().length - 1;
    if (axis !== -1 && axis !== last)
      throw refusal(
        `TensorFlow.js normalises along the last axis only, layer ${layer.name} along ${axis}`,
      );
  }
}

/**
 * Refuses a model with a setting that TensorFlow.js drops.
 * @param given the topology in the files @param read the topology of the model in TensorFlow.js
 * @throws LapidaryError `invalid_model` naming layer and setting
 */
export function refuseDropped(given: unknown, read: unknown): void {
  const kept = new Map<unknown, Json>();
  eachLayer(objectOf(read), (layer) => kept.set(nameOf(layer), objectOf(layer.config)));
  eachLayer(modelOf(given), (layer) => {
    const has = kept.get(nameOf(layer)) ?? {};
    for (const [key, value] of Object.entries(objectOf(layer.config)))
      if (!HARMLESS.test(key) && !(key in has) && !isOneOf(value, NEUTRAL[key] ?? []))
        throw ignores(layer, key);
  });
}

/** Visits all layers other than models, including nested ones. */
function eachLayer(model: Json, visit: (layer: Json) => void): void {
  if (!isModel(model)) visit(model);
  for (const layer of layersOf(model)) eachLayer(layer, visit);
  for (const inner of Object.values(objectOf(model.config)))
    if (typeof objectOf(inner).class_name === 'string' && 'config' in objectOf(inner))
      eachLayer(objectOf(inner), visit);
}

/** Returns whether a setting, or each of its numbers, is null or one of some values. */
function isOneOf(value: unknown, values: readonly unknown[]): boolean {
  const all = Array.isArray(value) ? value : [value];
  return all.every((each) => each === null || each === undefined || values.includes(each));
}

function ignores(layer: Json, key: string) {
  const { [key]: value } = objectOf(layer.config);
  return refusal(
    `TensorFlow.js ignores ${key}, which layer ${nameOf(layer)} (${layer.class_name}) has as ${JSON.stringify(value)}`,
  );
}
