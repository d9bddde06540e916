import { parseSpec } from '../../src/ml/parse-spec.js';
import { type Draft, type DraftOptions, draftSpec } from '../../src/training/draft/draft.js';

/** Columns by their names, each by what it has in a row. */
export type Columns = Record<string, (row: number) => unknown>;

const ROWS = 400;

/** A CSV file of columns. */
export function csvOf(columns: Columns, rows = ROWS, delimiter = ','): string {
  const lines = Array.from({ length: rows }, (_, row) =>
    Object.values(columns).map((column) => String(column(row))),
  );
  return [Object.keys(columns), ...lines].map((line) => `${line.join(delimiter)}\n`).join('');
}

/** A CSV file as a German spreadsheet writes it: 1.234,56 and semicolons. */
export function german(columns: Record<string, (row: number) => number>): string {
  const write = (value: number): string => {
    const [whole, decimals] = Math.abs(value).toFixed(2).split('.') as [string, string];
    const sign = value < 0 ? '-' : '';
    return `${sign}${whole.replace(/\B(?=(\d{3})+$)/g, '.')},${decimals}`;
  };
  const written = Object.entries(columns).map(([name, column]) => [
    name,
    (row: number) => write(column(row)),
  ]);
  return csvOf(Object.fromEntries(written), ROWS, ';');
}

/** Drafts a spec from columns or the text of a file; whatever is drafted is a valid spec. */
export async function draft(
  data: Columns | string,
  options: Partial<DraftOptions> = {},
): Promise<Draft> {
  const text = typeof data === 'string' ? data : csvOf(data);
  const source = {
    async *read() {
      yield Buffer.from(text);
    },
  };
  const drafted = await draftSpec(source, { name: 'any', target: 'y', ...options });
  parseSpec(JSON.parse(JSON.stringify(drafted.spec)));
  return drafted;
}

export const remarkOn = ({ remarks }: Draft, name: string) =>
  remarks.find(({ column }) => column === name)?.remark;

export const warningOn = ({ warnings }: Draft, name: string) =>
  warnings.find(({ column }) => column === name)?.warning;
