import { eventType } from '../core/signals.js';
import type { Answer } from '../ml/model.js';
import type { Prediction } from './service.js';

/** The predictions of champion and challenger for an instance, by id. */
interface Pair {
  id: string;
  champion: Answer;
  challenger: Answer;
}

/** A challenger ran in the shadow of the champion. */
export const SHADOWED = eventType<{
  model: string;
  requestId: string;
  /** The version that answered. */
  champion: string;
  /** The version whose predictions were only logged. */
  challenger: string;
  predictions: readonly Pair[];
}>('challenger.shadowed', 'info', 'shadow');

/** A challenger failed on instances that the champion answered. */
export const CHALLENGER_FAILED = eventType<{
  model: string;
  requestId: string;
  challenger: string;
  err: unknown;
}>('challenger.failed', 'warn', 'the challenger failed, the champion answered');

/** Predictions in one event: some log collectors truncate long lines. */
const PREDICTIONS_AN_EVENT = 100;

/** Yields the predictions of champion and challenger side by side, in groups for one event each. */
export function* pairs(
  champion: readonly Prediction[],
  challenger: readonly Prediction[],
): Generator<Pair[]> {
  const all = champion.map(({ id, ...answer }, i) => {
    const { id: _, ...other } = challenger[i]!;
    return { id, champion: answer, challenger: other };
  });
  for (let start = 0; start < all.length; start += PREDICTIONS_AN_EVENT)
    yield all.slice(start, start + PREDICTIONS_AN_EVENT);
}

/**
 * Decides whether the challenger answers a request. The decision depends on the id of the request alone, so it can be
 * repeated. A request that is chosen for a share is chosen for any larger one.
 */
export function isChosen(requestId: string, share: number): boolean {
  return hash(requestId) < share * 2 ** 32;
}

/** Computes FNV-1a, then the finalizer of MurmurHash3, since ids differ little. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
