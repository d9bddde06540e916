import { isMissingMark, isMissingWord } from '../../ml/text/missing.js';
import { ASKED_SHARE, describeWords } from '../../rows/left-out.js';
import type { ColumnProfile, OddWord } from './profile.js';
import type { Reading } from './reading.js';
import { share } from './share.js';
import { quoted } from './survey.js';

/** Odd words that a remark shows. */
const MOST_SHOWN = 5;

/** Words that the spec has to name to be read as gaps: those that nothing of its kind takes for one. */
export function namedGaps(
  { words, odd, otherOdd, reading }: ColumnProfile,
  kind: Reading['kind'] | 'class' = reading.kind,
): string[] {
  const isAmongNumbers = kind === 'number' || kind === 'datetime';
  const isKnown = (word: string) => isMissingWord(word) || (isAmongNumbers && isMissingMark(word));
  const named = [...words.keys()].filter((word) => !isKnown(word));
  return otherOdd > 0 ? named : [...named, ...odd.keys()];
}

/** Too many different odd words to name are all gaps. */
export function otherTextOf({ otherOdd }: ColumnProfile): { otherText?: 'missing' } {
  return otherOdd > 0 ? { otherText: 'missing' } : {};
}

/** What is missing in a column, in words: how much, which words mean so, and which are taken for a slip. */
export function remarksOnGaps(column: ColumnProfile): string[] {
  const { rows, missing, reading } = column;
  if (missing === 0) return [];
  const counts = wordCounts(column);
  const detail = counts.length > 0 ? ` (${describeWords(counts)})` : '';
  const slips = describeOdd(column);
  const kind = reading.kind === 'number' ? 'numbers' : 'dates';
  return [
    `${share(missing, rows)} of its values are missing${detail}`,
    ...(slips === '' ? [] : [`not ${kind}, so missing: ${slips}`]),
  ];
}

/** The same of a target: its rows are left out. */
export function remarksOnTargetGaps(column: ColumnProfile): string[] {
  const { rows, missing } = column;
  if (missing === 0) return [];
  const counts = wordCounts(column);
  const detail = counts.length > 0 ? ` (${describeWords(counts)})` : '';
  const slips = describeOdd(column);
  return [
    `${share(missing, rows)} of the rows have none and are left out${detail}`,
    ...(slips === '' ? [] : [`not numbers, so left out: ${slips}`]),
  ];
}

/** Counts of blanks and of words that mean unknown; nothing when all are blank. */
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
  if (otherOdd > 0) shown.push(`and more than ${more} others: all text is taken for a gap`);
  else if (more > 0) shown.push(`and ${more} more`);
  return shown.join(', ');
}

function linesOf({ count, lines }: OddWord): string {
  const more = count > lines.length ? ` and ${count - lines.length} more` : '';
  return `line${count > 1 ? 's' : ''} ${lines.join(', ')}${more}`;
}

/** Words of a target that mean that there is none, in so many rows that a person has to say so. */
function openWords({ rows, words, reading }: ColumnProfile): [string, OddWord][] {
  return [...words].filter(
    ([word, { count }]) => count > ASKED_SHARE * rows && !reading.missing?.includes(word),
  );
}

/** Words that a person has to decide about, as questions with the flags that answer them. */
export function questionsOn(column: ColumnProfile, isTarget: boolean): string[] {
  const { name, rows, missing, odd, reading } = column;
  // A column of which nothing can be read is left out as a whole.
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
    const missing = `--missing ${quoted(`${name}=${word}`)}`;
    const value = `--value ${quoted(`${name}=${word}`)}`;
    const [gap, kept] = isTarget
      ? ['leaves these rows out', 'makes it a class']
      : ['makes it a gap', 'takes the column as categories'];
    return `${name}: ${JSON.stringify(word)}${which} stands in ${at.count} of ${rows} rows (${linesOf(at)}): ${missing} ${gap}, ${value} ${kept}`;
  }
}

/** Values that differ in nothing that is likely to be meant. */
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

/** A word without its case, points at its end, quotes around it, width, and characters that cannot be seen; equal numbers are one. */
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

/** A word in quotes, with what cannot be seen in it as an escape. */
function escaped(word: string): string {
  return JSON.stringify(word).replace(
    /[\p{Cf}\u00a0\u2000-\u200a\u202f\u3000]/gu,
    (sign) => `\\u${sign.codePointAt(0)!.toString(16).padStart(4, '0')}`,
  );
}
