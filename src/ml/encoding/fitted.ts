import type { EncodingStep } from '../spec.js';

/** A numeric step after fitting: `(value - mean) / deviation`, bounded by `clip`; `fill` where a value is missing. */
export interface FittedNumber {
  mean: number;
  deviation: number;
  clip: number;
  fill: number;
}

/** Tiles from `start` on, in milliseconds since 1970; times before or after them have no tile. */
export interface FittedTiles {
  start: number;
  count: number;
}

type Of<Encode extends EncodingStep['encode']> = Extract<EncodingStep, { encode: Encode }>;

/** An encoding step fitted to the training rows. */
export type FittedStep =
  | (Of<'standard'> & FittedNumber)
  | (Of<'log'> & FittedNumber)
  | (Of<'piecewise'> & { fill: number })
  | Of<'oneHot'>
  | Of<'embedding'>
  | Of<'cyclic'>
  | (Of<'tiles'> & FittedTiles)
  | Of<'missing'>
  /** `ownInput`: whether the pixels are an input of their own in an imported network. */
  | (Of<'pixels'> & { ownInput?: boolean });

/** The fitted encoding of instances and decoding of outputs; part of every version. */
export interface FittedEncoding {
  steps: FittedStep[];
  /** Smallest and largest value of each number and datetime among the training rows, as in a RowBlock. */
  ranges: Record<string, readonly [number, number]>;
  /** A network of a regression predicts `(t(target) - mean) / deviation`, where t is the spec's transform. */
  target: {
    mean: number;
    deviation: number;
    /** Range to which training clips transformed targets; only if some are far outside. */
    range?: readonly [number, number];
  };
}
