import { LapidaryError } from '../../core/errors.js';

/** Formats a share in percent. */
export function share(part: number, of: number): string {
  const percent = (100 * part) / of;
  return `${percent < 1 ? percent.toFixed(2) : percent.toFixed(0)}%`;
}

/** Formats a flag of `init` about a column, quoted for a shell. */
export function flag(name: string, column: string, word: string): string {
  return `--${name} ${quoted(`${column}=${word}`)}`;
}

function quoted(word: string): string {
  return /^[\w=.,:/+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Creates an error about data that cannot be learnt from. @param remarks on its columns, which may explain it */
export function refusal(
  message: string,
  remarks: readonly { column: string; remark: string }[] = [],
): LapidaryError {
  const reasons = remarks.map(({ column, remark }) => `; ${column}: ${remark}`).join('');
  return new LapidaryError('invalid_dataset', message + reasons);
}
