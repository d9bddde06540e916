import { isMissingMark } from '../../ml/text/missing.js';
import type { ColumnProfile } from './profile.js';
import { quoted } from './survey.js';

/** Numbers at the ends of what 16 and 32 bits hold. */
const LIMITS = new Set([-32_768, 32_767, -2_147_483_648, 2_147_483_647]);
/** Beyond this a number is one that a program writes for none, as 1e20. */
const BEYOND = 1e19;
/** Days that databases write for none. */
const DAYS = /^(0001-01-01|1[789]00-01-01|1899-12-3[01]|1970-01-01|[239]999-12-31)/;

/** Values that mean unknown among numbers and are taken for values among words, unless a person says otherwise. */
export function remarkOnMarks(column: ColumnProfile, as: 'value' | 'class'): string[] {
  const { values, reading } = column;
  const marks = [...(values?.keys() ?? [])].filter(
    (word) => isMissingMark(word) && !reading.values?.includes(word),
  );
  return marks.map(
    (word) => `${JSON.stringify(word)} is taken as a ${as}; ${gapFlag(column, word, as)}`,
  );
}

/**
 * Numbers and dates that look as if they mean unknown and are taken for values: such as -999 or 9999-12-31, in
 * several rows, and farther from the others than these are from each other.
 */
export function remarkOnSentinels(
  column: ColumnProfile,
  as: 'value' | 'class' = 'value',
): string[] {
  const { values, summary } = column;
  const isAtEnd = isSuspect(column, summary.minimum) || isSuspect(column, summary.maximum);
  if (!values || !isAtEnd) return [];
  const counts = countsOf(column, values);
  const others = [...counts.keys()].filter((value) => !isSuspect(column, value));
  if (others.length < 2) return [];
  const low = others.reduce((least, value) => Math.min(least, value));
  const high = others.reduce((most, value) => Math.max(most, value));
  return [...counts].flatMap(([value, { text, count }]) => {
    const isFar = Math.max(low - value, value - high) > high - low;
    if (count < 2 || !isFar || !isSuspect(column, value)) return [];
    return [`${text} stands in ${count} rows, far from the others; ${gapFlag(column, text, as)}`];
  });
}

function gapFlag({ name }: ColumnProfile, word: string, as: 'value' | 'class'): string {
  const flag = `--missing ${quoted(`${name}=${word}`)}`;
  return `${flag} ${as === 'value' ? 'makes it a gap' : 'leaves these rows out'}`;
}

/** How often each number or moment occurs, and one of its spellings. */
function countsOf({ reading, reader }: ColumnProfile, values: ReadonlyMap<string, number>) {
  const counts = new Map<number, { text: string; count: number }>();
  for (const [text, count] of values) {
    const value = reading.kind === 'datetime' ? reader.moment(text) : reader.number(text);
    const known = counts.get(value);
    if (known) known.count += count;
    else counts.set(value, { text, count });
  }
  return counts;
}

function isSuspect({ reading }: ColumnProfile, value: number): boolean {
  if (!Number.isFinite(value)) return false;
  if (reading.kind === 'datetime') return DAYS.test(new Date(value).toISOString());
  const isRow = /^-?(9{2,}|8{2,})(\.(9+|8+))?$/.test(String(value));
  return isRow || LIMITS.has(value) || Math.abs(value) > BEYOND;
}
