import { isAscii, trimmed } from '../text/characters.js';

/**
 * Returns a word in the form in which spellings are compared: composed (NFC), so that "é" is one character, and without
 * blanks and invisible characters around it.
 */
export function canonical(text: string): string {
  const word = trimmed(text);
  return isAscii(word) ? word : word.normalize('NFC');
}

/**
 * Matches a number written as a word. Codes do not match: those with a leading 0, such as postal codes, and ids of so many
 * digits that different ones are equal as numbers.
 */
export const NUMBER = /^-?(0|[1-9]\d{0,14})(\.\d+)?$/;

/**
 * Finds the index of a word in a list, exactly or by its {@link canonical} form. If all words are numbers, equal numbers
 * are one word, as 1 and 1.0. A number or boolean of JSON is found by its text.
 */
export class WordIndex {
  private readonly places: ReadonlyMap<string, number>;
  /** Indices by value; empty unless all words are different numbers. */
  private readonly numbers: ReadonlyMap<number, number>;

  constructor(words: readonly string[]) {
    const places = new Map(words.map((word, index) => [word, index]));
    words.forEach((word, index) => {
      const form = canonical(word);
      if (!places.has(form)) places.set(form, index);
    });
    this.places = places;
    const numbers = words.every((word) => NUMBER.test(word))
      ? new Map(words.map((word, index) => [Number(word), index]))
      : new Map<number, number>();
    this.numbers = numbers.size === words.length ? numbers : new Map();
  }

  /** Returns the index of a value; undefined if it is not in the list. */
  find(value: unknown): number | undefined {
    const place = this.places.get(value as string);
    if (place !== undefined) return place;
    switch (typeof value) {
      case 'string':
        return this.findWord(canonical(value));
      case 'number':
        // A larger integer may have been another one before JSON was parsed.
        return Math.abs(value) > Number.MAX_SAFE_INTEGER ? undefined : this.findWord(String(value));
      case 'boolean':
        return spellingsOf(value)
          .map((word) => this.places.get(word))
          .find((found) => found !== undefined);
      default:
        return undefined;
    }
  }

  /** Returns whether the list has words of the type of a number or boolean. */
  couldBe(value: unknown): boolean {
    const words = [...this.places.keys()];
    if (typeof value === 'number') return words.some((word) => NUMBER.test(word));
    return typeof value === 'boolean' && words.some((word) => BOOLEAN.test(word));
  }

  private findWord(word: string): number | undefined {
    const place = this.places.get(word);
    if (place !== undefined || this.numbers.size === 0 || !NUMBER.test(word)) return place;
    return this.numbers.get(Number(word));
  }
}

const BOOLEAN = /^(true|false)$/i;

/** Returns the spellings of a boolean in JSON, Python and spreadsheets. */
function spellingsOf(value: boolean): string[] {
  return value ? ['true', 'True', 'TRUE'] : ['false', 'False', 'FALSE'];
}

/** Returns the first two words of a list that differ only in their Unicode normalisation. */
export function findTwins(words: readonly string[]): [string, string] | undefined {
  const seen = new Map<string, string>();
  for (const word of words) {
    const form = word.normalize('NFC');
    const before = seen.get(form);
    if (before !== undefined) return [before, word];
    seen.set(form, word);
  }
  return undefined;
}

/** Returns a field of a record by its name in any Unicode normalisation; undefined if it is missing. */
export function fieldOf(record: Readonly<Record<string, unknown>>, name: string): unknown {
  if (Object.hasOwn(record, name)) return record[name];
  if (isAscii(name)) return undefined;
  const spelling = [name.normalize('NFC'), name.normalize('NFD')].find((other) =>
    Object.hasOwn(record, other),
  );
  return spelling === undefined ? undefined : record[spelling];
}
