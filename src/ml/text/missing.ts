import { trimmed } from './characters.js';

/** Words of pandas, R, SQL and spreadsheets for unknown values and failed computations, in lower case. */
const WORDS = new Set(
  [
    ['na', 'n/a', '<na>', '#n/a', '#n/a n/a', '#na', 'nat', 'nan', '-nan', 'null', '<null>'],
    ['(null)', '\\n', '1.#ind', '-1.#ind', '1.#qnan', '-1.#qnan'],
    ['#null!', '#div/0!', '#value!', '#ref!', '#name?', '#num!', '#calc!', '#spill!', '#error!'],
  ].flat(),
);
/** Accepted mixed-case spellings; others are names, as Na is sodium. */
const MIXED = new Set(['NaN', '-NaN', 'NaT', 'Null']);

/** Marks of unknown values among numbers and dates; in other columns they may be values. */
const MARKS = new Set(
  [
    ['-', '--', '---', '–', '—', '−', '.', '..', '...', '…', '?', '??', '???', '*'],
    ['none', 'nil', 'unknown', 'unk', 'undefined', 'missing', 'n.a.', 'n.a', 'n.d.', 'nd', 'tbd'],
    ['0000-00-00', '0000-00-00 00:00:00', '0000-00-00t00:00:00z'],
    ['not available', 'not applicable', 'not known', 'not reported', 'no data', '(blank)'],
  ].flat(),
);

/** Returns whether a text means unknown in any column, regardless of blanks around it. */
export function isMissingWord(text: string): boolean {
  const word = trimmed(text);
  if (word === '') return true;
  const lower = word.toLowerCase();
  if (!WORDS.has(lower)) return false;
  return word === lower || word === word.toUpperCase() || MIXED.has(word);
}

/** Returns whether a text means unknown among numbers or dates. */
export function isMissingMark(text: string): boolean {
  return MARKS.has(trimmed(text).toLowerCase());
}

/** Returns whether a value that is not a category means missing. */
export function isMissingValue(value: unknown, declared: readonly unknown[] = []): boolean {
  if (value === null || value === undefined) return true;
  if (typeof value !== 'string') return false;
  return declared.includes(trimmed(value)) || isMissingWord(value) || isMissingMark(value);
}
