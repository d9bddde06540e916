import { isMissingMark, isMissingWord } from '../../ml/text/missing.js';
import { ASKED_SHARE, describeWords } from '../../rows/left-out.js';
import type { ColumnProfile, OddWord } from './profiler.js';
import type { ColumnReading } from './reading.js';
import { flag, share } from './wording.js';

/** Maximum number of odd words in a remark. */
const MOST_SHOWN = 5;

/** Returns the words that the spec must list as missing, since they are not gaps by default. */
export function namedGaps(
  { words, odd, otherOdd, reading }: ColumnProfile,
  kind: ColumnReading['kind'] | 'class' = reading.kind,
): string[] {
  const isAmongNumbers = kind === 'number' || kind === 'datetime';
  const isKnown = (word: string) => isMissingWord(word) || (isAmongNumbers && isMissingMark(word));
  const named = [...words.keys()].filter((word) => !isKnown(word));
  return otherOdd > 0 ? named : [...named, ...odd.keys()];
}

/** Returns the option that makes all other text a gap, if there are too many odd words to list. */
export function otherTextOf({ otherOdd }: ColumnProfile): { otherText?: 'missing' } {
  return otherOdd > 0 ? { otherText: 'missing' } : {};
}

/** Describes the gaps of a column: their share, the words for them, and the probable typing errors. */
export function remarksOnGaps(column: ColumnProfile): string[] {
  const kind = column.reading.kind === 'number' ? 'numbers' : 'dates';
  return describeGaps(column, 'of its values are missing', `not ${kind}, so missing`);
}

/** Describes the gaps of a target, whose rows are left out. */
export function remarksOnTargetGaps(column: ColumnProfile): string[] {
  return describeGaps(column, 'of the rows have none and are left out', 'not numbers, so left out');
}

function describeGaps(column: ColumnProfile, missing: string, slipped: string): string[] {
  if (column.missing === 0) return [];
  const counts = wordCounts(column);
  const detail = counts.length > 0 ? ` (${describeWords(counts)})` : '';
  const slips = describeOdd(column);
  return [
    `${share(column.missing, column.rows)} ${missing}${detail}`,
    ...(slips === '' ? [] : [`${slipped}: ${slips}`]),
  ];
}

/** Counts blanks and words that mean unknown; empty if all are blank. */
function wordCounts({ missing, words, odd, otherOdd }: ColumnProfile): [string, number][] {
  if (words.size === 0) return [];
  const counts = [...words].map(([word, { count }]): [string, number] => [word, count]);
  const others = [...words.values(), ...odd.values()];
  const blank = missing - others.reduce((sum, { count }) => sum + count, otherOdd);
  return blank > 0 ? [['', blank], ...counts] : counts;
}

function describeOdd({ odd, otherOdd }: ColumnProfile): string {
  const shown = [...odd]
    .slice(0, MOST_SHOWN)
    .map(([word, at]) => `${JSON.stringify(word)} in ${linesOf(at)}`);
  const more = odd.size - shown.length;
  if (otherOdd > 0) shown.push(`and more than ${more} others: all text becomes a gap`);
  else if (more > 0) shown.push(`and ${more} more`);
  return shown.join(', ');
}

function linesOf({ count, lines }: OddWord): string {
  const more = count > lines.length ? ` and ${count - lines.length} more` : '';
  return `line${count > 1 ? 's' : ''} ${lines.join(', ')}${more}`;
}

/** Returns the missing words of a target in so many rows that the user must confirm them. */
function openWords({ rows, words, reading }: ColumnProfile): [string, OddWord][] {
  return [...words].filter(
    ([word, { count }]) => count > ASKED_SHARE * rows && !reading.missing?.includes(word),
  );
}

/** Returns questions about words that the user must decide on, with the flags that answer them. */
export function questionsOn(column: ColumnProfile, isTarget: boolean): string[] {
  const { name, rows, missing, odd, reading } = column;
  // A column without any value is left out.
  if (missing === rows) return [];
  const open = isTarget ? openWords(column) : [];
  const what = reading.kind === 'number' ? ', which is not a number,' : ', which is not a date,';
  return [
    ...open.map((entry) => ask(entry, '')),
    ...[...odd]
      .filter(([, { count }]) => count > ASKED_SHARE * rows)
      .map((entry) => ask(entry, what)),
  ];

  function ask([word, at]: readonly [string, OddWord], which: string): string {
    const missing = flag('missing', name, word);
    const value = flag('value', name, word);
    const [gap, kept] = isTarget
      ? ['leaves these rows out', 'makes it a class']
      : ['makes it a gap', 'makes the column a category'];
    return `${name}: ${JSON.stringify(word)}${which} is in ${at.count} of ${rows} rows (${linesOf(at)}): ${missing} ${gap}, ${value} ${kept}`;
  }
}

/** Remarks on values that differ only in spelling. */
export function remarkOnSpellings(values: Iterable<string>): string[] {
  const spellings = new Map<string, string[]>();
  for (const value of values) {
    const key = plainSpelling(value);
    spellings.set(key, [...(spellings.get(key) ?? []), value]);
  }
  const twins = [...spellings.values()].filter(({ length }) => length > 1);
  if (twins.length === 0) return [];
  const shown = twins.slice(0, MOST_SHOWN).map((twin) => twin.map(escaped).join(' and '));
  const more = twins.length > shown.length ? `, and ${twins.length - shown.length} more` : '';
  const isCase = twins.every((twin) => new Set(twin.map((word) => word.toLowerCase())).size === 1);
  const how = isCase ? 'case' : 'spelling';
  return [`${shown.join(', ')}${more} differ in ${how} alone: they are different values`];
}

/** Normalises case, final points, quotes, width and invisible characters of a word; equal numbers are one. */
function plainSpelling(value: string): string {
  const plain = value
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .replace(/(?<=[\p{L}\p{N}])[\s_-]+(?=[\p{L}\p{N}])/gu, ' ')
    .replace(/^(['"`])(.+)\1$/, '$2')
    .replace(/(?<=[\p{L}\p{N})])[.,;:]+$/u, '')
    .trim()
    .toLowerCase();
  return /^-?\d+(\.\d+)?$/.test(plain) ? String(Number(plain)) : plain;
}

/** Quotes a word and escapes its invisible characters. */
function escaped(word: string): string {
  return JSON.stringify(word).replace(
    /[\p{Cf}\u00a0\u2000-\u200a\u202f\u3000]/gu,
    (sign) => `\\u${sign.codePointAt(0)!.toString(16).padStart(4, '0')}`,
  );
}
