import { isMissingMark } from '../../ml/text/missing.js';
import type { ColumnProfile } from './profiler.js';
import { flag } from './wording.js';

/** Limits of 16-bit and 32-bit integers. */
const LIMITS = new Set([-32_768, 32_767, -2_147_483_648, 2_147_483_647]);
/** Magnitude from which a number is a program's placeholder, as 1e20. */
const BEYOND = 1e19;
/** Matches the placeholder days of databases. */
const DAYS = /^(0001-01-01|1[789]00-01-01|1899-12-3[01]|1970-01-01|[239]999-12-31)/;

/** Remarks on marks that mean unknown among numbers but are values among words, unless hints override that. */
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
 * Remarks on numbers and dates that may be placeholders but are taken for values: such as -999 or 9999-12-31, in
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
    return [`${text} is in ${count} rows, far from the others; ${gapFlag(column, text, as)}`];
  });
}

function gapFlag({ name }: ColumnProfile, word: string, as: 'value' | 'class'): string {
  return `${flag('missing', name, word)} ${as === 'value' ? 'makes it a gap' : 'leaves these rows out'}`;
}

/** Counts each number or moment, with one of its spellings. */
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
