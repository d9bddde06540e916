const CONVERT = 'tensorflowjs_converter --input_format=keras model.h5 DIR';
const FROM_KERAS = `save it as model.save("model.h5"), then run ${CONVERT}`;
const TRAIN_HERE = 'train on the same data: lapidary init NAME --data FILE.csv --target COLUMN';

/** Advice on files of other formats, by the end of their name. */
const ADVICE: readonly [ends: RegExp, advice: string][] = [
  [/\.(h5|hdf5)$/, `is a Keras model: convert it with ${CONVERT.replace('model.h5', 'FILE')}`],
  [/\.keras$/, `is a Keras model: load it with keras.models.load_model("FILE"), ${FROM_KERAS}`],
  [
    /(^|\/)saved_model\.pb$/,
    `is a TensorFlow SavedModel. Load it with keras.models.load_model("DIR") and ${FROM_KERAS}`,
  ],
  [
    /\.pb$/,
    `is a TensorFlow graph without layers: take its original Keras model and ${FROM_KERAS}`,
  ],
  [
    /\.tflite$/,
    `is a TensorFlow Lite model without layers: take its original Keras model and ${FROM_KERAS}`,
  ],
  [
    /\.onnx$/,
    `is an ONNX model, which cannot be imported. If it is from Keras, ${FROM_KERAS}; else ${TRAIN_HERE}`,
  ],
  [
    /\.(pt|pth|ckpt|safetensors)$/,
    `is a PyTorch model, which cannot be imported. Build its layers in Keras and copy the weights (a Linear layer's transposed), then ${FROM_KERAS}; or ${TRAIN_HERE}`,
  ],
  [
    /\.(pkl|pickle|joblib)$/,
    `is a pickle, as scikit-learn saves models: reading one runs its code, so it cannot be imported. Instead ${TRAIN_HERE}`,
  ],
  [/\.(ubj|bst|lgb|cbm)$/, `is a model of trees, which cannot be imported. Instead ${TRAIN_HERE}`],
];

/**
 * Returns advice on a file that is not a LayersModel.
 * @param names of the files in the directory, or 'file' if the path is a file
 */
export function adviceFor(path: string, names: readonly string[] | 'file'): string {
  const files = names === 'file' ? [path] : names;
  for (const [ends, advice] of ADVICE) {
    const file = files.find((name) => ends.test(name.toLowerCase()));
    if (file !== undefined) return `${file} ${advice.replaceAll('FILE', file)}`;
  }
  return names === 'file'
    ? `${path} has an unknown format: name a directory with model.json`
    : `${path} has no model.json: it must be a TensorFlow.js LayersModel. With a Keras model, ${FROM_KERAS}`;
}

/** Returns advice on JSON that is not a LayersModel; undefined if it may be one. */
export function adviceForJson(model: unknown, path: string): string | undefined {
  const { format, modelTopology, learner, tree_info, oblivious_trees } = Object(model);
  if (learner !== undefined)
    return `${path} is an XGBoost model, which cannot be imported. Instead ${TRAIN_HERE}`;
  if (tree_info !== undefined)
    return `${path} is a LightGBM model, which cannot be imported. Instead ${TRAIN_HERE}`;
  if (oblivious_trees !== undefined)
    return `${path} is a CatBoost model, which cannot be imported. Instead ${TRAIN_HERE}`;
  if (format === 'graph-model' || Array.isArray(Object(modelTopology).node))
    return `it is a graph model without layers: take its original Keras model and ${FROM_KERAS}`;
  return undefined;
}
