import { LapidaryError } from '../core/errors.js';

/** A record that is no row: why, and where it lies in a block's bytes. */
export interface BadRow {
  /** 1-based physical line with the fault; where the record begins, if the fault is in all of it. */
  line: number;
  /** 1-based number of the field with the fault; undefined if the fault is in all of the record. */
  column: number | undefined;
  /** What is wrong, with the column's name but without the line. */
  message: string;
  /** The record's raw bytes, without its line break. */
  start: number;
  end: number;
}

/** An error about a CSV file, or a line of it. */
export function csvError(message: string, line?: number): LapidaryError {
  if (line === undefined) return new LapidaryError('invalid_dataset', message);
  const fault = { instance: line, code: 'invalid_csv', message };
  return new LapidaryError('invalid_dataset', `line ${line}: ${message}`, [fault]);
}

/** What most often makes a row another one than it was. */
const REMEDY =
  'text with a delimiter, a quote or a line break in it must stand in quotes, with a quote in it doubled';

/** Words what is wrong with a record, and decides whether to go on after it. */
export class Faults {
  /** The columns' names, once they are known. */
  names: readonly string[] = [];
  /** Whether a bad row is returned; else it is thrown. */
  quarantine = false;

  constructor(private readonly maxRecordBytes: number) {}

  strayQuote(line: number, field: number): BadRow {
    const message =
      'has a quote but does not begin with it, and the row has another number of fields';
    return this.badRow(`${this.describe(field)} ${message}`, line, field);
  }

  textAfterQuote(line: number, field: number): BadRow {
    return this.badRow(`${this.describe(field)} has text after its closing quote`, line, field);
  }

  miscounted(line: number, expected: number, fields: number): BadRow {
    return this.badRow(`expected ${count(expected, 'field')}, got ${fields}`, line);
  }

  repeatedHeader(line: number): BadRow {
    const message = 'the row repeats the header: were files put together?';
    return { line, column: undefined, message, start: 0, end: 0 };
  }

  unclosed(line: number, field: number): LapidaryError {
    return csvError(`${this.describe(field)} has an opening quote that is never closed`, line);
  }

  tooLong(line: number): LapidaryError {
    const message = `the record is longer than ${count(this.maxRecordBytes, 'byte')}`;
    return csvError(`${message}; is a quote not closed?`, line);
  }

  private describe(field: number): string {
    const name = this.names[field];
    return name === undefined ? `column ${field + 1}` : `column ${field + 1} (${name})`;
  }

  private badRow(message: string, line: number, field?: number): BadRow {
    if (!this.quarantine) throw csvError(`${message}; ${REMEDY}`, line);
    return { line, column: field === undefined ? undefined : field + 1, message, start: 0, end: 0 };
  }
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
