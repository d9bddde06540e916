/** Objects and lists within one another that JSON of ours or of clients ever needs. */
export const DEEPEST = 100;

/**
 * Whether a value that was parsed is nested deeper than {@link DEEPEST}: whoever goes through it by calling themselves
 * would run out of stack.
 * @param text what it was parsed from: most is too short for that
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

/** Characters of JSON above which it is looked at by {@link excessOf} before it is parsed. */
export const LARGE = 1 << 16;
/** Objects and lists that JSON of clients ever needs: the rows of the images in a body of 10 MB are fewer. */
const MOST_CONTAINERS = 500_000;
/** Keys that one object ever needs, with some to spare: a feature each. */
const MOST_KEYS = 10_000;
/** Different keys that the objects of a body ever need: each of those that are alike costs next to nothing. */
const MOST_NAMES = 20_000;

const QUOTE = 0x22;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Says why JSON would take far more time or memory than its size suggests: it is nested too deep, or has too many
 * objects and lists, keys in one object or different keys (`is …`, `has …`). Anything else that is wrong with it is for the parser.
 * @returns undefined when nothing speaks against parsing it
 */
export function excessOf(text: string): string | undefined {
  // Of each object or list that is open: its colons so far.
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

/** Counts different names, or nearly so many: those with one hash are one. */
class NameCounter {
  private readonly seen = new Uint8Array(1 << 20);
  /** So that none can be made that have one hash. */
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

/** Where the string ends that begins here: at its quote, or at the end of the text. */
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
