import { isModel, type Json, layersOf, nameOf, objectOf } from './json.js';

/** Layers that act only in training. TensorFlow.js does not have all of them, but it has Dropout. */
const ONLY_TRAINING =
  /^(SpatialDropout[123]D|ActivityRegularization|Random(Flip|Rotation|Zoom|Translation|Contrast|Brightness|Height|Width))$/;
const ZEROS = { class_name: 'Zeros', config: {} };

/**
 * Removes the settings of a model that matter only in training, which TensorFlow.js refuses or wastes time on:
 * initialisers, regularisers and dropout.
 */
export function simplify(topology: unknown): Json {
  const root = objectOf(topology);
  return root.model_config === undefined
    ? simplifyLayer(root)
    : {
        ...root,
        model_config: simplifyLayer(objectOf(root.model_config)),
        training_config: undefined,
      };
}

function simplifyLayer(layer: Json): Json {
  if (isModel(layer)) {
    const layers = layersOf(layer).map(simplifyLayer);
    const config = Array.isArray(layer.config) ? layers : { ...objectOf(layer.config), layers };
    return { ...layer, config };
  }
  const name = nameOf(layer);
  if (ONLY_TRAINING.test(String(layer.class_name)))
    return { ...layer, class_name: 'Dropout', config: { name, rate: 0 } };
  return { ...layer, config: simplifyConfig(layer) };
}

function simplifyConfig({ class_name, config }: Json): Json {
  const entries = Object.entries(objectOf(config)).flatMap(([key, value]): [string, unknown][] => {
    if (/_(regularizer|constraint)$/.test(key)) return [];
    // It has a depthwise and a pointwise initialiser.
    if (key === 'kernel_initializer' && class_name === 'SeparableConv2D') return [];
    if (key.endsWith('_initializer')) return [[key, ZEROS]];
    const inner = objectOf(value);
    const isLayer = typeof inner.class_name === 'string' && 'config' in inner;
    return [[key, isLayer ? simplifyLayer(inner) : value]];
  });
  return Object.fromEntries(entries);
}
