import { createHash } from 'node:crypto';
import { type Fault, LapidaryError } from '../../core/errors.js';
import { CsvWriter } from '../csv/writer.js';
import type { DatasetDefinition } from '../definition.js';
import type { BatchDraft, BatchFacts, BatchFormat } from '../port.js';
import { type BadRow, checkRows } from './check.js';

const MAX_FAULTS = 20;
/** From so many bad rows on, their share of the rows so far decides: a file of nothing else is not gone through. */
const MANY_BAD_ROWS = 100_000;
const ID_LENGTH = 16;

/** Columns of the quarantine. */
export const QUARANTINE_COLUMNS = ['line', 'column', 'reason', 'row'] as const;

/** What a batch is made of, and within which limits. */
export interface BatchSource {
  format: BatchFormat;
  chunks: AsyncIterable<Uint8Array>;
  definition: DatasetDefinition;
  maximumBadShare: number;
  maximumBytes: number;
}

/**
 * Fills a draft with a batch. It is checked while it is written; no more than some rows are held at a time.
 * @throws LapidaryError `too_many_bad_rows`, `invalid_dataset` when no row is good or it is not of its
 *   format, `payload_too_large`
 */
export async function fillBatch(draft: BatchDraft, source: BatchSource): Promise<BatchFacts> {
  const { format, definition } = source;
  const content = new Content(draft, source.maximumBytes);
  const quarantine = new Quarantine();
  let rows = 0;
  for await (const { good, bad } of checkRows(format, content.keep(source.chunks), definition)) {
    rows += good;
    for (const row of bad) quarantine.add(row);
    if (quarantine.count >= MANY_BAD_ROWS) quarantine.check(rows, source.maximumBadShare);
    await draft.writeQuarantine(quarantine.take());
  }
  await draft.writeQuarantine(quarantine.take());
  quarantine.check(rows, source.maximumBadShare);
  if (rows === 0) throw new LapidaryError('invalid_dataset', 'there are no rows in it');
  return { ...content.facts(), format, rows, quarantined: quarantine.count };
}

/** Writes what passes through. */
class Content {
  private readonly hash = createHash('sha256');
  private bytes = 0;

  constructor(
    private readonly draft: BatchDraft,
    private readonly maximumBytes: number,
  ) {}

  async *keep(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      this.bytes += chunk.length;
      if (this.bytes > this.maximumBytes) {
        const detail = `the batch is larger than ${this.maximumBytes} bytes, unpacked`;
        throw new LapidaryError('payload_too_large', detail);
      }
      this.hash.update(chunk);
      await this.draft.writeContent(chunk);
      yield chunk;
    }
  }

  facts(): Pick<BatchFacts, 'id' | 'checksum' | 'bytes'> {
    const checksum = this.hash.digest('hex');
    return { id: checksum.slice(0, ID_LENGTH), checksum, bytes: this.bytes };
  }
}

/** Writes bad rows as CSV, and refuses a batch that has too many. */
class Quarantine {
  count = 0;
  private readonly first: Fault[] = [];
  private readonly writer = new CsvWriter();

  constructor() {
    for (const name of QUARANTINE_COLUMNS) this.writer.text(name);
    this.writer.endRow();
  }

  add({ line, faults, raw }: BadRow): void {
    this.count++;
    this.first.push(...faults.slice(0, MAX_FAULTS - this.first.length));
    const [first] = faults;
    this.writer.number(line);
    this.writer.text(first!.field ?? '');
    this.writer.text(faults.length === 1 ? first!.message : faults.map(describe).join('; '));
    this.writer.text(Buffer.from(raw).toString());
    this.writer.endRow();
  }

  take(): Uint8Array {
    return this.writer.take();
  }

  /** @throws LapidaryError `too_many_bad_rows` */
  check(good: number, maximumShare: number): void {
    const rows = good + this.count;
    if (this.count <= maximumShare * rows) return;
    const told = this.first.map((fault) => `line ${fault.instance}, ${describe(fault)}`);
    const detail = `${this.count} of ${rows} rows are bad, and ${percent(maximumShare)} may be: ${told.join('; ')}`;
    throw new LapidaryError('too_many_bad_rows', detail, this.first);
  }
}

function describe({ field, message }: Fault): string {
  return field === undefined ? message : `${field}: ${message}`;
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))}%`;
}
