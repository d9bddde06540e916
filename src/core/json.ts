/** Maximum nesting of JSON. */
export const DEEPEST = 100;

/**
 * Decides whether a parsed value is nested deeper than {@link DEEPEST}: recursive code would run out of stack.
 * @param text the text that it was parsed from; most is too short for that
 */
export function isTooDeep(value: unknown, text: { length: number }): boolean {
  return text.length > 2 * DEEPEST && isDeeper(value, DEEPEST);
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++)
      if (typeof value[i] === 'object' && isDeeper(value[i], levels - 1)) return true;
    return false;
  }
  const object = value as Record<string, unknown>;
  for (const key in object)
    if (typeof object[key] === 'object' && isDeeper(object[key], levels - 1)) return true;
  return false;
}

/** Characters of JSON from which {@link excessOf} checks it before it is parsed. */
export const LARGE = 1 << 16;
/** Maximum objects and lists in JSON of clients: more than the rows of images in a body of 10 MB. */
const MOST_CONTAINERS = 500_000;
/** Maximum keys of one object: more than a model has features. */
const MOST_KEYS = 10_000;
/** Most different keys in a body: repeated ones cost almost nothing. */
const MOST_NAMES = 20_000;

const QUOTE = 0x22;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Explains why JSON would take far more time or memory than its size suggests: nested too deep, too many objects and
 * lists, too many keys in one object, or too many different keys (`is …`, `has …`). Other faults are left to the parser.
 * @returns undefined when the text can be parsed
 */
export function excessOf(text: string): string | undefined {
  // Colons so far, of each open object or list.
  const keys = new Int32Array(DEEPEST + 1);
  const names = new NameCounter();
  let depth = 0;
  let containers = 0;
  let stringStart = 0;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case QUOTE:
        stringStart = i;
        i = endOfString(text, i);
        break;
      case OPEN_LIST:
      case OPEN_OBJECT:
        if (++depth > DEEPEST) return `is nested deeper than ${DEEPEST} levels`;
        if (++containers > MOST_CONTAINERS)
          return `has more than ${MOST_CONTAINERS} objects and lists`;
        keys[depth] = 0;
        break;
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        if (depth > 0) depth--;
        break;
      case COLON:
        if (++keys[depth]! > MOST_KEYS) return `has an object with more than ${MOST_KEYS} keys`;
        if (names.add(text, stringStart, i) > MOST_NAMES)
          return `has more than ${MOST_NAMES} different keys`;
    }
  }
  return undefined;
}

/** Counts different names approximately: names with the same hash count once. */
class NameCounter {
  private readonly seen = new Uint8Array(1 << 20);
  /** Random, so that names with the same hash cannot be prepared. */
  private readonly seed = Math.floor(Math.random() * 2 ** 31);
  private count = 0;

  add(text: string, start: number, end: number): number {
    let hash = this.seed;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    const bucket = (hash ^ (hash >>> 15)) & (this.seen.length - 1);
    if (this.seen[bucket] === 0) {
      this.seen[bucket] = 1;
      this.count++;
    }
    return this.count;
  }
}

/** Returns the index of the closing quote, or of the end of the text. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end >= 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end < 0 ? text.length : end;
}

function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text.charCodeAt(first - 1) === BACKSLASH) first--;
  return (at - first) % 2 === 1;
}
