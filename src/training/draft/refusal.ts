import { LapidaryError } from '../../core/errors.js';

/** An error about data that cannot be learnt from. @param remarks on its columns, which may say why */
export function refusal(
  message: string,
  remarks: readonly { column: string; remark: string }[] = [],
): LapidaryError {
  const told = remarks.map(({ column, remark }) => `; ${column}: ${remark}`).join('');
  return new LapidaryError('invalid_dataset', message + told);
}
