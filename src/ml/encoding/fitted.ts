import type { EncodingStep } from '../spec.js';

/** A fitted numeric step: `(value - mean) / deviation`, bounded by `clip`; `fill` replaces a missing value. */
export interface FittedNumber {
  mean: number;
  deviation: number;
  clip: number;
  fill: number;
}

/** Tiles of time. `start` is in milliseconds since 1970; a moment outside of all tiles has none. */
export interface FittedTiles {
  start: number;
  count: number;
}

type Of<Encode extends EncodingStep['encode']> = Extract<EncodingStep, { encode: Encode }>;

/** An encoding step with the constants that were fitted to the training rows. */
export type FittedStep =
  | (Of<'standard'> & FittedNumber)
  | (Of<'log'> & FittedNumber)
  | (Of<'piecewise'> & { fill: number })
  | Of<'oneHot'>
  | Of<'embedding'>
  | Of<'cyclic'>
  | (Of<'tiles'> & FittedTiles)
  | Of<'missing'>
  /** `ownInput`, of an imported network, is whether pixels are a separate input. */
  | (Of<'pixels'> & { ownInput?: boolean });

/** The encoding of instances to network inputs, and of network outputs to predictions; part of every version. */
export interface FittedEncoding {
  steps: FittedStep[];
  /** Smallest and largest value of each number and datetime in the training rows, in the format of a RowBlock. */
  ranges: Record<string, readonly [number, number]>;
  /** The network of a regression predicts `(t(target) - mean) / deviation`, where t is the spec's transform. */
  target: {
    mean: number;
    deviation: number;
    /** Range to which training clips transformed targets, if some are far beyond the others. */
    range?: readonly [number, number];
  };
}
