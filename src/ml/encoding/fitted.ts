import type { EncodingStep } from '../spec.js';

/** A numeric step after fitting: `(value - mean) / deviation`, bounded by `clip`; `fill` where a value is missing. */
export interface FittedNumber {
  mean: number;
  deviation: number;
  clip: number;
  fill: number;
}

/** Tiles from `start` on, in milliseconds since 1970; a moment before or behind them has none. */
export interface FittedTiles {
  start: number;
  count: number;
}

type Of<Encode extends EncodingStep['encode']> = Extract<EncodingStep, { encode: Encode }>;

/** An encoding step with what it learnt from the training rows. */
export type FittedStep =
  | (Of<'standard'> & FittedNumber)
  | (Of<'log'> & FittedNumber)
  | (Of<'piecewise'> & { fill: number })
  | Of<'oneHot'>
  | Of<'embedding'>
  | Of<'cyclic'>
  | (Of<'tiles'> & FittedTiles)
  | Of<'missing'>
  /** `ownInput` tells of a network from elsewhere whether the pixels are an input by themselves. */
  | (Of<'pixels'> & { ownInput?: boolean });

/** How instances become network inputs and network outputs become predictions; part of every version. */
export interface FittedEncoding {
  steps: FittedStep[];
  /** Smallest and largest value of each number and datetime among the training rows, as a RowBlock has them. */
  ranges: Record<string, readonly [number, number]>;
  /** A network of a regression predicts `(t(target) - mean) / deviation`, where t is the spec's transform. */
  target: {
    mean: number;
    deviation: number;
    /** Training takes a transformed target beyond it for its end; only where some lie far beyond. */
    range?: readonly [number, number];
  };
}
