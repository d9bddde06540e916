import type { FittedEncoding } from './encoding/fitted.js';
import type { Spec } from './spec.js';

/** A target as the network learns it: a number transformed, then standardised; a class as its index, or how sure it is. */
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

/** The target that an output of the network stands for: the inverse of {@link encodeTarget}. */
export function decodeTarget(
  spec: Spec,
  { target }: Pick<FittedEncoding, 'target'>,
  output: number,
): number {
  const value = output * target.deviation + target.mean;
  return spec.target.transform === 'log' ? Math.exp(value) : value;
}

/** The index of the class that a target of the data is. */
export function classOf({ target: { above } }: Pick<Spec, 'target'>, value: number): number {
  return above === undefined ? value : Number(value > above);
}

/** The class of a label, which may be soft: at least half of it. */
export function hardClass(label: number): number {
  return Math.ceil(label - 0.5);
}

/** A class as the network learns it; of two classes told by a number, how sure the second is. */
function encodeClass({ target }: Spec, value: number): number {
  const { above, soft } = target;
  if (above === undefined || soft === undefined) return classOf({ target }, value);
  return 1 / (1 + Math.exp((above - value) / soft));
}

/** The target before standardising. */
export function transformTarget(spec: Pick<Spec, 'target'>, value: number): number {
  return spec.target.transform === 'log' ? Math.log(value) : value;
}
