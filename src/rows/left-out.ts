import { trimmed } from '../ml/text/characters.js';

/** Words that are counted apart; with more of them, the rest are counted as `other`. */
const MOST_WORDS = 20;

/** Counts rows that have no target, by what they have in its place. */
export class LeftOut {
  private readonly words = new Map<string, number>();

  add(value: unknown): void {
    const text = value === null || value === undefined ? '' : trimmed(String(value));
    const isKnown = this.words.has(text) || this.words.size < MOST_WORDS;
    const word = isKnown ? text : 'other';
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

/** Counts in words: 12 blank, 3 "NA". */
export function describeWords(counts: Iterable<readonly [word: string, count: number]>): string {
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([word, count]) => `${count} ${word === '' ? 'blank' : JSON.stringify(word)}`)
    .join(', ');
}
