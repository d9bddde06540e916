/** The model has a layer, or a setting of one, that the plan does not support. TensorFlow.js can still serve it. */
export class UnsupportedLayerError extends Error {
  override readonly name = 'UnsupportedLayerError';

  constructor(
    readonly layer: string,
    readonly className: string,
    why = 'the compiled plan does not know this layer',
  ) {
    super(`Layer '${layer}' (${className}): ${why}`);
  }
}

/** The artifact contradicts itself: a weight is missing, of the wrong shape, or the bytes do not add up. */
export class CorruptArtifactError extends Error {
  override readonly name = 'CorruptArtifactError';
}
