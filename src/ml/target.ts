import type { FittedEncoding } from './encoding/fitted.js';
import type { Spec } from './spec.js';

/** Encodes a target for the network: a number is transformed and standardised, a class is its index or probability. */
export function encodeTarget(
  spec: Spec,
  { target }: Pick<FittedEncoding, 'target'>,
  value: number,
): number {
  if (spec.task === 'classification') return encodeClass(spec, value);
  const [low, high] = target.range ?? EVERYTHING;
  const learnt = Math.max(low, Math.min(high, transformTarget(spec, value)));
  return (learnt - target.mean) / target.deviation;
}

const EVERYTHING = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;

/** Decodes an output of the network: the inverse of {@link encodeTarget}. */
export function decodeTarget(
  spec: Spec,
  { target }: Pick<FittedEncoding, 'target'>,
  output: number,
): number {
  const value = output * target.deviation + target.mean;
  return spec.target.transform === 'log' ? Math.exp(value) : value;
}

/** Returns the class index of a target in the data. */
export function classOf({ target: { above } }: Pick<Spec, 'target'>, value: number): number {
  return above === undefined ? value : Number(value > above);
}

/** Returns the class of a label, rounded if it is soft. */
export function hardClass(label: number): number {
  return Math.ceil(label - 0.5);
}

/** Encodes a class; with a soft limit between two classes, as the probability of the second. */
function encodeClass({ target }: Spec, value: number): number {
  const { above, soft } = target;
  if (above === undefined || soft === undefined) return classOf({ target }, value);
  return 1 / (1 + Math.exp((above - value) / soft));
}

/** Returns a target transformed but not standardised. */
export function transformTarget(spec: Pick<Spec, 'target'>, value: number): number {
  return spec.target.transform === 'log' ? Math.log(value) : value;
}
