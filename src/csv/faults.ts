import { LapidaryError } from '../core/errors.js';

/** A record that is not a valid row, with the reason and its position in a block's bytes. */
export interface BadRecord {
  /** 1-based physical line of the fault, or of the start of the record if the whole record is at fault. */
  line: number;
  /** 1-based number of the faulty field; undefined if the whole record is at fault. */
  column: number | undefined;
  /** The fault, with the column's name but without the line. */
  message: string;
  /** The record's raw bytes, without its line break. */
  start: number;
  end: number;
}

/** Creates an error about a CSV file, or one of its lines. */
export function csvError(message: string, line?: number): LapidaryError {
  if (line === undefined) return new LapidaryError('invalid_dataset', message);
  const fault = { instance: line, code: 'invalid_csv', message };
  return new LapidaryError('invalid_dataset', `line ${line}: ${message}`, [fault]);
}

/** Remedy for the most frequent cause of broken rows. */
const REMEDY =
  'text with a delimiter, a quote or a line break must be quoted, with quotes inside doubled';

const SHORT_REMEDY =
  'an empty field at the end needs its delimiter, too, and text with a line break must be quoted';

/** Describes faulty records; throws them unless they are quarantined. */
export class Faults {
  /** Names of the columns, once known. */
  names: readonly string[] = [];
  /** Whether a bad row is returned; else it is thrown. */
  quarantine = false;

  constructor(private readonly maxRecordBytes: number) {}

  strayQuote(line: number, field: number): BadRecord {
    const message =
      'has a quote but does not begin with it, and the row has another number of fields';
    return this.badRow(`${this.describe(field)} ${message}`, line, field);
  }

  textAfterQuote(line: number, field: number): BadRecord {
    return this.badRow(`${this.describe(field)} has text after its closing quote`, line, field);
  }

  miscounted(line: number, expected: number, fields: number): BadRecord {
    const message = `expected ${count(expected, 'field')}, got ${fields}`;
    return this.badRow(message, line, undefined, fields < expected ? SHORT_REMEDY : REMEDY);
  }

  repeatedHeader(line: number): BadRecord {
    const message = 'the row repeats the header: were files concatenated?';
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

  private badRow(message: string, line: number, field?: number, remedy = REMEDY): BadRecord {
    if (!this.quarantine) throw csvError(`${message}; ${remedy}`, line);
    return { line, column: field === undefined ? undefined : field + 1, message, start: 0, end: 0 };
  }
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
