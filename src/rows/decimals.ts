import type { Block } from '../csv/block.js';
import type { CsvReader } from '../csv/reader.js';
import { type DecimalMark, readNumber } from '../ml/text/number.js';

/** Rows that are looked at to find how a column's numbers are written. */
const SAMPLE_ROWS = 1000;
/** Numbers that show one mark more often than the other, and the rest need not be looked at. */
const ENOUGH = 8;

/**
 * Decides which decimal mark the numbers of a column have: what the reader was given; else what the column's own
 * numbers show, as 1234,5 does; else what is said of the column; else what the rest of the file shows.
 */
export class DecimalMarks {
  private readonly found = new Map<number, DecimalMark>();

  constructor(private readonly csv: Pick<CsvReader, 'dialect' | 'given'>) {}

  /** @param said the mark that the spec names @param block the first of the file */
  of(block: Block, column: number, said: DecimalMark | undefined): DecimalMark {
    const { dialect, given } = this.csv;
    const ofFile = dialect.decimalComma ? 'comma' : 'point';
    if (given.decimalComma !== undefined) return ofFile;
    const found = this.found.get(column) ?? shownIn(block, column) ?? said ?? ofFile;
    this.found.set(column, found);
    return found;
  }
}

function shownIn(block: Block, column: number): DecimalMark | undefined {
  let commas = 0;
  let points = 0;
  for (let row = 0; row < Math.min(block.rows, SAMPLE_ROWS); row++) {
    const text = block.text(row, column);
    if (Math.abs(commas - points) === ENOUGH) break;
    if (!/[.,]/.test(text)) continue;
    const shows = readNumber(text)?.shows;
    if (shows === 'comma') commas++;
    if (shows === 'point') points++;
  }
  if (commas === points) return undefined;
  return commas > points ? 'comma' : 'point';
}
