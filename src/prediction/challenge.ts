import type { Answer } from '../ml/predictor.js';

/** What a challenger said in the shadow of the champion. */
export interface ShadowRun {
  model: string;
  requestId: string;
  /** The version that answered. */
  champion: string;
  /** The version that was only heard. */
  challenger: string;
  /** By the ids that the caller was told. */
  predictions: { id: string; champion: Answer; challenger: Answer }[];
}

/** A challenger that could not do what the champion could. */
export interface ChallengerFailure {
  model: string;
  requestId: string;
  challenger: string;
}

/** Hears what challengers do. */
export interface ChallengerObserver {
  shadowed(run: ShadowRun): void;
  failed(failure: ChallengerFailure, error: unknown): void;
}

/**
 * Whether a request is of the share that goes to the challenger. It follows from the request's id alone, so
 * that whoever knows the id knows it too. A request that is chosen for a share is chosen for any larger one.
 */
export function isChosen(requestId: string, share: number): boolean {
  return hash(requestId) < share * 2 ** 32;
}

/** FNV-1a, then the end of MurmurHash3, for ids that differ but little. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
