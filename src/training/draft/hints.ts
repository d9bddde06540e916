import type { DraftOptions } from './draft.js';
import type { ColumnProfile } from './profiler.js';
import { flag, refusal } from './wording.js';

/** Refuses hints that do not fit their columns. @throws LapidaryError `invalid_dataset` naming the flag */
export function checkHints(
  columns: readonly ColumnProfile[],
  target: ColumnProfile,
  { leaveOut = [], hints = {} }: Pick<DraftOptions, 'leaveOut' | 'hints'>,
): void {
  if (leaveOut.includes(target.name)) throw refusal(`--leave-out ${target.name}: it is the target`);
  for (const { name, reading } of columns) {
    const { blank, decimal, order } = hints[name] ?? {};
    if (blank !== undefined && name !== target.name)
      throw refusal(`--blank ${name}: only blanks of the target, ${target.name}, can be a class`);
    if (decimal && reading.kind !== 'number') throw unfit('decimal', name, 'number');
    if (order && reading.kind !== 'datetime') throw unfit('date-order', name, 'datetime');
  }
}

function unfit(option: string, name: string, kind: 'number' | 'datetime') {
  const values = kind === 'number' ? 'numbers' : 'dates';
  const remedy = `${flag('kind', name, kind)} reads it so`;
  return refusal(`--${option} ${name}: the column is not read as ${values}; ${remedy}`);
}

/** Remarks on words of `--missing` and `--value` that a column does not have: they may be misspelt. */
export function remarksOnIdleWords(column: ColumnProfile, { hints = {} }: DraftOptions): string[] {
  const { missing = [], values = [], blank } = hints[column.name] ?? {};
  const texts = [column.words, column.odd, column.values ?? new Map()];
  // With too many values to list, it is unknown whether a row has the word.
  const isIdle = (word: string) => column.values && !texts.some((each) => hasWord(each, word));
  return [
    ...missing.filter(isIdle).map((word) => flag('missing', column.name, word)),
    ...values
      .filter((word) => word !== blank && isIdle(word))
      .map((word) => flag('value', column.name, word)),
  ].map((words) => `${words} has no effect: no row has that word`);
}

function hasWord(texts: ReadonlyMap<string, unknown>, word: string): boolean {
  if (texts.has(word)) return true;
  const number = word === '' ? Number.NaN : Number(word);
  return [...texts.keys()].some((text) => Number(text) === number);
}
