/** Thrown for a layer, or a setting of it, that the plan does not support. TensorFlow.js can still serve the model. */
export class UnsupportedLayerError extends Error {
  override readonly name = 'UnsupportedLayerError';

  constructor(
    readonly layer: string,
    readonly className: string,
    why = 'the compiled plan does not support this layer',
  ) {
    super(`Layer '${layer}' (${className}): ${why}`);
  }
}

/** Thrown for an inconsistent artifact, such as a weight that is missing or has another shape. */
export class CorruptArtifactError extends Error {
  override readonly name = 'CorruptArtifactError';
}
