import { LapidaryError } from '../../core/errors.js';
import { NUMBER } from '../../ml/encoding/words.js';
import type { Hints } from '../../training/index.js';
import type { InitOptions } from './init.js';

const KINDS = ['number', 'category', 'datetime'] as const;
const MARKS = ['point', 'comma'] as const;
const ORDERS = ['dmy', 'mdy', 'ymd'] as const;

/**
 * Parses the column flags of `init` to hints, by column.
 * @throws LapidaryError `invalid_request` for a flag that is not COLUMN=WORD, or whose word is unknown
 */
export function readHints(options: InitOptions): Record<string, Hints> {
  const hints = new Map<string, Hints>();
  const change = (column: string, more: (before: Hints) => Hints) =>
    hints.set(column, { ...hints.get(column), ...more(hints.get(column) ?? {}) });
  for (const [column, kind] of pairs('--kind', options.kind, KINDS))
    change(column, () => ({ kind }));
  for (const [column, decimal] of pairs('--decimal', options.decimal, MARKS))
    change(column, () => ({ decimal }));
  for (const [column, order] of pairs('--date-order', options.dateOrder, ORDERS))
    change(column, () => ({ order }));
  for (const [column, word] of pairs('--missing', options.missing))
    change(column, ({ missing = [] }) => ({ missing: [...missing, word] }));
  for (const [column, word] of pairs('--value', options.value))
    change(column, ({ values = [] }) => ({ values: [...values, word] }));
  for (const [column, blank] of pairs('--blank', options.blank))
    change(column, ({ values = [] }) => ({
      blank,
      values: NUMBER.test(blank) ? values : [...values, blank],
    }));
  return Object.fromEntries(hints);
}

function pairs<Word extends string = string>(
  flag: string,
  given: readonly string[] = [],
  words?: readonly Word[],
): [column: string, word: Word][] {
  return given.map((text) => {
    const at = text.indexOf('=');
    const word = text.slice(at + 1).trim() as Word;
    if (at > 0 && (words?.includes(word) ?? word !== '')) return [text.slice(0, at), word];
    const form = `COLUMN=${words?.join('|') ?? 'WORD'}`;
    throw new LapidaryError(
      'invalid_request',
      `${flag} takes ${form}, not ${JSON.stringify(text)}`,
    );
  });
}
