import type { FittedEncoding } from './encoding/fitted.js';
import type { Spec } from './spec.js';

/** A target as the network learns it: transformed, then standardised. */
export function encodeTarget(
  spec: Spec,
  { target }: Pick<FittedEncoding, 'target'>,
  value: number,
): number {
  return (transformTarget(spec, value) - target.mean) / target.deviation;
}

/** The target that an output of the network stands for: the inverse of {@link encodeTarget}. */
export function decodeTarget(
  spec: Spec,
  { target }: Pick<FittedEncoding, 'target'>,
  output: number,
): number {
  const value = output * target.deviation + target.mean;
  return spec.target.transform === 'log' ? Math.exp(value) : value;
}

/** The target before standardising. */
export function transformTarget(spec: Spec, value: number): number {
  return spec.target.transform === 'log' ? Math.log(value) : value;
}
