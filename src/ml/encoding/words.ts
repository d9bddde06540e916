/**
 * Returns the one form of a word in which spellings are compared: composed (NFC), without blanks around it. "é" as
 * one character and as "e" with an accent behind it are the same word.
 */
export function canonical(text: string): string {
  const trimmed = text.trim();
  return isAscii(trimmed) ? trimmed : trimmed.normalize('NFC');
}

/** Finds the place of a word in a list, by the word as it is or else by its {@link canonical} form. */
export class WordIndex {
  private readonly places: ReadonlyMap<string, number>;

  constructor(words: readonly string[]) {
    const places = new Map(words.map((word, index) => [word, index]));
    words.forEach((word, index) => {
      const form = canonical(word);
      if (!places.has(form)) places.set(form, index);
    });
    this.places = places;
  }

  /** Returns undefined for what is no word of the list. */
  find(value: unknown): number | undefined {
    const place = this.places.get(value as string);
    if (place !== undefined || typeof value !== 'string') return place;
    return this.places.get(canonical(value));
  }
}

/** Returns the place of a word in a list as {@link WordIndex} finds it, without building an index; -1 for no word of it. */
export function placeOf(words: readonly string[], value: string): number {
  const place = words.indexOf(value);
  if (place >= 0) return place;
  const form = canonical(value);
  return words.findIndex((word) => canonical(word) === form);
}

/** Returns the first two words of a list that are one word in two spellings of Unicode. */
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

/** Returns a field of a record by its name, or by another spelling of the name; undefined when it has neither. */
export function fieldOf(record: Readonly<Record<string, unknown>>, name: string): unknown {
  if (Object.hasOwn(record, name)) return record[name];
  if (isAscii(name)) return undefined;
  const spelling = [name.normalize('NFC'), name.normalize('NFD')].find((other) =>
    Object.hasOwn(record, other),
  );
  return spelling === undefined ? undefined : record[spelling];
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}
