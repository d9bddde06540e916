import { Block } from './block.js';
import { type Dialect, sniffDialect, UTF8_MARK } from './dialect.js';
import { csvError, Faults } from './faults.js';
import { Scanner } from './scanner.js';
import { Window } from './window.js';

/** How a CSV file is to be read. */
export interface CsvOptions {
  /** What is known of the dialect; the rest is sniffed from the first bytes. */
  dialect?: Partial<Dialect>;
  /**
   * What becomes of a record that is no row: `throw` ends the reading, `quarantine` puts it into the
   * block's `badRows` and goes on behind its line. A quote that is never closed and a record that is
   * too long always throw, and so does a bad header.
   */
  onBadRow?: 'throw' | 'quarantine';
  /** A longer record is refused; 16 MiB unless told. */
  maxRecordBytes?: number;
  /** How many bytes are scanned at a time, and looked at to find the dialect; 128 KiB unless told. */
  windowBytes?: number;
}

/** With a block's spans, this fits a core's cache. */
const WINDOW = 1 << 17;
/** Less would not show a byte order mark. */
const MIN_WINDOW = 4;
const MAX_RECORD_BYTES = 1 << 24;

/**
 * Opens a CSV file: reads its first bytes, and from them its dialect and its header.
 * @param chunks the file's bytes, cut anywhere
 * @throws LapidaryError `invalid_dataset` naming line and column of what is wrong
 */
export async function readCsv(
  chunks: AsyncIterable<Uint8Array>,
  options: CsvOptions = {},
): Promise<CsvReader> {
  const window = new Window(
    chunks[Symbol.asyncIterator](),
    Math.max(options.windowBytes ?? WINDOW, MIN_WINDOW),
  );
  try {
    const more = await window.fill();
    const sample = window.bytes.subarray(0, window.end);
    const dialect = sniffDialect(sample, options.dialect, !more);
    if (dialect.bom) window.start = UTF8_MARK.length;
    const reader = new CsvReader(window, more, dialect, options);
    await reader.readHeader();
    return reader;
  } catch (error) {
    await window.close();
    throw error;
  }
}

/** A CSV file whose header was read. */
export class CsvReader {
  /** The columns' names. */
  header: readonly string[] = [];
  private readonly block = new Block();
  private readonly faults: Faults;
  private readonly scanner: Scanner;

  constructor(
    private readonly window: Window,
    private more: boolean,
    readonly dialect: Dialect,
    private readonly options: CsvOptions,
  ) {
    const { maxRecordBytes = MAX_RECORD_BYTES } = options;
    this.faults = new Faults(maxRecordBytes);
    this.scanner = new Scanner(dialect, maxRecordBytes, this.faults);
  }

  /** What was known of the dialect and not found out. */
  get given(): Partial<Dialect> {
    return this.options.dialect ?? {};
  }

  /**
   * The rows, in blocks; they can be asked for once. To stop early, break off the loop: that lets go
   * of the file.
   */
  async *blocks(): AsyncGenerator<Block, void, undefined> {
    try {
      while (await this.advance()) yield this.block;
    } finally {
      await this.window.close();
    }
  }

  /** @throws LapidaryError `invalid_dataset` if there is no header, or not a name of its own for each column */
  async readHeader(): Promise<void> {
    const { block } = this;
    if (!(await this.advance())) throw csvError('there is nothing in it, not even a header');
    const line = block.lines[0]!;
    if (block.columns > block.capacity) {
      throw csvError(`there are ${block.columns} columns, more than ${block.capacity}`, line);
    }
    const names = Array.from({ length: block.columns }, (_, column) => block.text(0, column));
    const seen = new Map<string, number>();
    names.forEach((name, i) => {
      if (name.trim() === '') throw csvError(`column ${i + 1} has no name`, line);
      const first = seen.get(name);
      if (first !== undefined) {
        throw csvError(`two columns are called ${name}: columns ${first} and ${i + 1}`, line);
      }
      seen.set(name, i + 1);
    });
    this.header = names;
    this.faults.names = names;
    this.faults.quarantine = this.options.onBadRow === 'quarantine';
  }

  /** Fills the block; false if the file ended. */
  private async advance(): Promise<boolean> {
    const { window, block, scanner } = this;
    for (;;) {
      if (!scanner.starved) {
        block.bytes = window.bytes;
        window.start = scanner.scan(block, window.start, window.end, !this.more);
        if (block.rows > 0 || block.badRows.length > 0) return true;
      } else if (this.more) {
        this.more = await window.fill();
        scanner.starved = false;
      } else return false;
    }
  }
}
