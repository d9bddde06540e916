import type { Block } from '../csv/block.js';
import type { CsvReader } from '../csv/reader.js';
import { type DecimalMark, readNumber } from '../ml/text/number.js';

/** Number of rows to detect the decimal mark of a column from. */
const SAMPLE_ROWS = 1000;
/** Margin of evidence for one mark that ends the detection. */
const ENOUGH = 8;

/**
 * Decides the decimal mark of a column. In order of precedence: the reader's option, the column's own numbers (as
 * 1234,5), the spec, the rest of the file.
 */
export class DecimalMarks {
  private readonly found = new Map<number, DecimalMark>();

  constructor(private readonly csv: Pick<CsvReader, 'dialect' | 'given'>) {}

  /** @param declared the mark that the spec names @param block the first of the file */
  of(block: Block, column: number, declared: DecimalMark | undefined): DecimalMark {
    const { dialect, given } = this.csv;
    const ofFile = dialect.decimalComma ? 'comma' : 'point';
    if (given.decimalComma !== undefined) return ofFile;
    const found = this.found.get(column) ?? shownIn(block, column) ?? declared ?? ofFile;
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
