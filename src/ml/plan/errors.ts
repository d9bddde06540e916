/**
 * The model has a layer that the plan does not know, or uses one in a way it does not know. The model
 * itself is fine: TensorFlow.js can still serve it.
 */
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
