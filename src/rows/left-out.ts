import { LapidaryError } from '../core/errors.js';
import type { Target } from '../ml/spec.js';
import { trimmed } from '../ml/text/characters.js';

/** Maximum number of words with counts of their own; further ones share a count. */
const MOST_WORDS = 20;
const OTHER = 'other';

/** Counts rows without a target, by the word in its place. */
export class LeftOut {
  private readonly words = new Map<string, number>();

  add(value: unknown): void {
    const text = value === null || value === undefined ? '' : trimmed(String(value));
    const isKnown = this.words.has(text) || this.words.size < MOST_WORDS;
    const word = isKnown ? text : OTHER;
    this.words.set(word, (this.words.get(word) ?? 0) + 1);
  }

  /** Returns the counts as part of a block of rows; empty if no row was left out. */
  counted(): { leftOut?: ReadonlyMap<string, number> } {
    return this.words.size === 0 ? {} : { leftOut: this.words };
  }
}

/** Adds counts to a total. */
export function addCounts(
  to: Map<string, number>,
  counts: ReadonlyMap<string, number> | undefined,
): void {
  for (const [word, count] of counts ?? []) to.set(word, (to.get(word) ?? 0) + count);
}

/** Share of rows above which a word is not taken for a typing error: the user must decide its meaning. */
export const ASKED_SHARE = 0.01;

/**
 * Refuses data in which a word that the target does not list as missing leaves many rows without a target.
 * @param rows number of rows, including those left out
 * @throws LapidaryError `invalid_dataset` naming the word and the remedy
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
      `${name}: ${JSON.stringify(word)} is in ${count} of ${rows} rows: name it in "missing" of the target to leave these rows out${kept}`,
    );
  }
}

/** Describes counts of words: 12 blank, 3 "NA". */
export function describeWords(counts: Iterable<readonly [word: string, count: number]>): string {
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([word, count]) => `${count} ${word === '' ? 'blank' : JSON.stringify(word)}`)
    .join(', ');
}
