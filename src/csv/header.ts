import { canonical } from '../ml/encoding/words.js';
import { csvError } from './faults.js';

/** The columns of a file, one per field of a row. */
interface Header {
  /** Titles in the header; empty text if missing. */
  titles: string[];
  /** Names in use: titles trimmed and without line breaks; "Unnamed: 0" for an empty one. */
  names: string[];
  remarks: string[];
}

const IS_TITLE = 'the first line must name the columns: is this one a title?';
/** Minimum number of rows that show a fault of the header: in fewer rows, an extra field may be a mistake. */
const LEAST_ROWS = 3;

/**
 * Determines the columns of a file.
 * @param fields of its header @param line of its header @param rows the first rows below it
 * @throws LapidaryError `invalid_dataset` if the header is invalid
 */
export function readColumns(
  fields: readonly string[],
  line: number,
  rows: readonly (readonly string[])[],
): Header {
  const remarks: string[] = [];
  const titles = fitTitles(fields, line, rows, remarks);
  refuseTitle(titles, line, rows);
  const names: string[] = [];
  titles.forEach((title, column) => {
    const name = cleaned(title) || free(`Unnamed: ${column}`, [...titles.map(cleaned), ...names]);
    // Only names that are twice because of blanks keep these.
    const keepsBlanks = names.includes(name) && !titles.slice(0, column).includes(title);
    if (keepsBlanks)
      remarks.push(`the names of two columns differ in blanks alone: "${name}" and "${title}"`);
    names.push(keepsBlanks ? title : name);
  });
  const unnamed = names.filter((_, column) => cleaned(titles[column]!) === '');
  if (unnamed.length === titles.length) throw csvError('no column has a name', line);
  if (unnamed.length > 0)
    remarks.push(
      `columns without a name are called ${unnamed.map((name) => `"${name}"`).join(', ')}`,
    );
  return { titles, names, remarks };
}

/** Returns as many titles as rows have fields, as far as that is certain. */
function fitTitles(
  fields: readonly string[],
  line: number,
  rows: readonly (readonly string[])[],
  remarks: string[],
): string[] {
  const [first] = rows;
  const count = first?.length ?? 0;
  const isEven = first !== undefined && rows.every((row) => row.length === count);
  if (!isEven || count === fields.length) return [...fields];
  if (count < fields.length) {
    if (fields.slice(count).some((field) => cleaned(field) !== '')) return [...fields];
    remarks.push('the header ends with a delimiter that the rows do not have: ignored');
    return fields.slice(0, count);
  }
  if (rows.every((row) => row.slice(fields.length).every((field) => field.trim() === ''))) {
    remarks.push('the rows end with a delimiter that the header does not have: ignored');
    return [...fields];
  }
  if (count === fields.length + 1 && rows.length >= LEAST_ROWS && nameRows(rows)) {
    remarks.push('the rows have one field more than the header: the first names the row');
    return ['', ...fields];
  }
  if (rows.length < LEAST_ROWS) return [...fields];
  const own = fields.length === 1 ? '1 field' : `${fields.length} fields`;
  throw csvError(`it has ${own}, and the lines below it have ${count}; ${IS_TITLE}`, line);
}

/** Refuses the title of a spreadsheet: it is followed by empty fields, and the rows are not. */
function refuseTitle(
  titles: readonly string[],
  line: number,
  rows: readonly (readonly string[])[],
): void {
  const isBlank = (field: string) => cleaned(field) === '';
  const behind = titles.slice(1);
  if (behind.length < 2 || !behind.every(isBlank) || rows.length < LEAST_ROWS) return;
  if (rows.every((row) => row.some((field, column) => column > 0 && !isBlank(field))))
    throw csvError(`it names one of ${titles.length} columns; ${IS_TITLE}`, line);
}

/** Lists the columns of a file, for a message about a missing one. */
export function describeColumns(names: readonly string[]): string {
  const [only = ''] = names;
  if (names.length === 1 && /[^\p{L}\p{N}_]/u.test(only))
    return `there is one column, ${JSON.stringify(only)}: name the delimiter of columns (--delimiter, or "delimiter" of the CSV of a dataset); text of fixed width must be converted, as with pandas: pandas.read_fwf("FILE").to_csv("FILE.csv", index=False)`;
  const numbers = names.filter((name) => name.trim() !== '' && Number.isFinite(Number(name)));
  const isData = 2 * numbers.length >= names.length;
  return `there are ${names.join(', ')}${isData ? '; the first line must name the columns' : ''}`;
}

/** Returns whether the first field is distinct in each row. */
function nameRows(rows: readonly (readonly string[])[]): boolean {
  const firsts = new Set(rows.map(([first]) => first));
  return firsts.size === rows.length && !firsts.has('');
}

function cleaned(title: string): string {
  return canonical(title.replace(/\s*[\r\n\t]+\s*/g, ' '));
}

/** Returns the name, with a suffix as in pandas if it is taken. */
function free(name: string, taken: readonly string[]): string {
  if (!taken.includes(name)) return name;
  let number = 1;
  while (taken.includes(`${name}.${number}`)) number++;
  return `${name}.${number}`;
}
