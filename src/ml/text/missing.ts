import { trimmed } from './characters.js';

/** Texts of pandas, R, SQL and spreadsheets for an unknown value, or one that could not be computed. */
const WORDS = new Set(
  [
    ['na', 'n/a', '<na>', '#n/a', '#n/a n/a', '#na', 'nat', 'nan', '-nan', 'null', '<null>'],
    ['(null)', '\\n', '1.#ind', '-1.#ind', '1.#qnan', '-1.#qnan'],
    ['#null!', '#div/0!', '#value!', '#ref!', '#name?', '#num!', '#calc!', '#spill!', '#error!'],
  ].flat(),
);
/** Spellings of them in upper and lower case; any other is a name, as Na is sodium. */
const MIXED = new Set(['NaN', '-NaN', 'NaT', 'Null']);

/** Texts that mean an unknown value among numbers and dates; elsewhere they may be values. */
const MARKS = new Set(
  [
    ['-', '--', '---', '–', '—', '−', '.', '..', '...', '…', '?', '??', '???', '*'],
    ['none', 'nil', 'unknown', 'unk', 'undefined', 'missing', 'n.a.', 'n.a', 'n.d.', 'nd', 'tbd'],
    ['0000-00-00', '0000-00-00 00:00:00', '0000-00-00t00:00:00z'],
    ['not available', 'not applicable', 'not known', 'not reported', 'no data', '(blank)'],
  ].flat(),
);

/** Returns whether a text means an unknown value in every column, ignoring blanks around it. */
export function isMissingWord(text: string): boolean {
  const word = trimmed(text);
  if (word === '') return true;
  const lower = word.toLowerCase();
  if (!WORDS.has(lower)) return false;
  return word === lower || word === word.toUpperCase() || MIXED.has(word);
}

/** Returns whether a text means an unknown value among numbers or dates. */
export function isMissingMark(text: string): boolean {
  return MARKS.has(trimmed(text).toLowerCase());
}

/** Whether a value that is not a category means missing. */
export function isMissingValue(value: unknown, declared: readonly unknown[] = []): boolean {
  if (value === null || value === undefined) return true;
  if (typeof value !== 'string') return false;
  return declared.includes(trimmed(value)) || isMissingWord(value) || isMissingMark(value);
}
