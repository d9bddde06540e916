import { LapidaryError } from '../core/errors.js';
import type { Target } from '../ml/spec.js';
import { trimmed } from '../ml/text/characters.js';

/** Words that are counted apart; with more of them, the rest are counted as one. */
const MOST_WORDS = 20;
const OTHER = 'other';

/** Counts rows that have no target, by what they have in its place. */
export class LeftOut {
  private readonly words = new Map<string, number>();

  add(value: unknown): void {
    const text = value === null || value === undefined ? '' : trimmed(String(value));
    const isKnown = this.words.has(text) || this.words.size < MOST_WORDS;
    const word = isKnown ? text : OTHER;
    this.words.set(word, (this.words.get(word) ?? 0) + 1);
  }

  /** The counts, as a block of rows has them; nothing when no row was left out. */
  counted(): { leftOut?: ReadonlyMap<string, number> } {
    return this.words.size === 0 ? {} : { leftOut: this.words };
  }
}

/** Adds counts to others. */
export function addCounts(
  to: Map<string, number>,
  counts: ReadonlyMap<string, number> | undefined,
): void {
  for (const [word, count] of counts ?? []) to.set(word, (to.get(word) ?? 0) + count);
}

/** A word in more of the rows than this is not a slip of the hand: a person decides what it means. */
export const ASKED_SHARE = 0.01;

/**
 * Refuses data in which a word costs many rows their target though the target does not name it as missing.
 * @param rows how many there are, with those that are left out
 * @throws LapidaryError `invalid_dataset` naming the word and what decides
 */
export function refuseOpenWords(
  leftOut: Iterable<readonly [word: string, count: number]>,
  rows: number,
  { name, missing = [], classes }: Target,
): void {
  const named = missing.map(String);
  for (const [word, count] of leftOut) {
    if (word === '' || word === OTHER || named.includes(word) || count <= ASKED_SHARE * rows)
      continue;
    const kept = classes ? ', or in its "classes"' : '';
    throw new LapidaryError(
      'invalid_dataset',
      `${name}: ${JSON.stringify(word)} stands in ${count} of ${rows} rows: name it in "missing" of the target to leave these rows out${kept}`,
    );
  }
}

/** Counts in words: 12 blank, 3 "NA". */
export function describeWords(counts: Iterable<readonly [word: string, count: number]>): string {
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([word, count]) => `${count} ${word === '' ? 'blank' : JSON.stringify(word)}`)
    .join(', ');
}
