import { eventType } from '../core/signals.js';
import type { Answer } from '../ml/model.js';

/** The predictions of a challenger that ran in the shadow of the champion. */
export interface ShadowRun {
  model: string;
  requestId: string;
  /** The version that answered. */
  champion: string;
  /** The version whose predictions did not leave. */
  challenger: string;
  /** By the ids of the answer. */
  predictions: { id: string; champion: Answer; challenger: Answer }[];
}

export const SHADOWED = eventType<ShadowRun>('challenger.shadowed', 'info', 'shadow');

/** A challenger failed where the champion did not. */
export const CHALLENGER_FAILED = eventType<{
  model: string;
  requestId: string;
  challenger: string;
  err: unknown;
}>('challenger.failed', 'warn', 'the challenger failed, the champion answered');

/** Predictions in one event: some log collectors cut long lines. */
const PREDICTIONS_AN_EVENT = 100;

/** Splits a run into events that are not too long. */
export function* eventsOf({ predictions, ...run }: ShadowRun): Generator<ShadowRun> {
  for (let start = 0; start < predictions.length; start += PREDICTIONS_AN_EVENT)
    yield { ...run, predictions: predictions.slice(start, start + PREDICTIONS_AN_EVENT) };
}

/**
 * Decides whether a request is of the share that goes to the challenger, by the request's id alone: the decision can
 * be repeated for any id. A request that is chosen for a share is chosen for any larger one.
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
