import type { Block } from '../../csv/block.js';
import type { CsvReader } from '../../csv/reader.js';
import { openCsv } from '../../rows/csv.js';
import type { CsvSource } from '../../rows/source.js';
import { type ColumnProfile, markOf, Profiler } from './profiler.js';
import type { ColumnReading, Hints } from './reading.js';
import { Survey } from './survey.js';
import { refusal } from './wording.js';

/** Matches the names that pandas gives to unnamed columns. */
const UNNAMED = /^Unnamed: \d+(\.\d+)*$/;
/** Maximum number of columns to profile. */
const MOST_COLUMNS = 2000;

/**
 * Profiles the columns of a CSV file in two passes: the first decides how to read them, the second reads their values.
 * @param hints by column name @param onRemark called with inferences about the file
 * @throws LapidaryError `invalid_dataset`
 */
export async function profileCsv(
  source: CsvSource,
  hints: Readonly<Record<string, Hints>> = {},
  onRemark: (remark: string) => void = () => {},
): Promise<ColumnProfile[]> {
  const survey = (name: string, csv: CsvReader) => {
    const known = Object.hasOwn(hints, name) ? hints[name]! : {};
    return new Survey(name, known, markOf(csv));
  };
  const surveys = await eachColumn(source, survey, onRemark);
  const readings = surveys.map((column) => column.settle());
  return eachColumn(
    source,
    (name, csv, place) => new Profiler(name, readings[place]!, csv, isUnnamed(csv, place)),
  );
}

/**
 * Profiles the columns of a CSV file whose readings are known.
 * @throws LapidaryError `invalid_dataset`
 */
export function profileDeclared(
  source: CsvSource,
  readings: ReadonlyMap<string, ColumnReading>,
): Promise<ColumnProfile[]> {
  const other: ColumnReading = { kind: 'category', notes: [] };
  return eachColumn(
    source,
    (name, csv) => new Profiler(name, readings.get(name) ?? other, csv, false),
  );
}

interface ColumnVisitor {
  add(block: Block, row: number, column: number): void;
}

/** Passes each field to the visitor of its column. */
async function eachColumn<Visitor extends ColumnVisitor>(
  source: CsvSource,
  visit: (name: string, csv: CsvReader, place: number) => Visitor,
  onRemark: (remark: string) => void = () => {},
): Promise<Visitor[]> {
  const csv = await openCsv(source, onRemark);
  refuseWide(csv.header.length);
  const visitors = csv.header.map((name, place) => visit(name, csv, place));
  for await (const block of csv.blocks()) {
    for (let row = 0; row < block.rows; row++)
      visitors.forEach((visitor, column) => {
        visitor.add(block, row, column);
      });
  }
  return visitors;
}

function refuseWide(columns: number): void {
  if (columns <= MOST_COLUMNS) return;
  throw refusal(
    `the file has ${columns} columns, more than ${MOST_COLUMNS}: select the relevant ones, or use their principal components`,
  );
}

function isUnnamed({ header, titles }: CsvReader, place: number): boolean {
  return titles[place]!.trim() === '' || UNNAMED.test(header[place]!);
}
