import { createHash } from 'node:crypto';
import { LapidaryError } from '../core/errors.js';
import { Quarantine } from '../rows/quarantine.js';
import { readText, type TextOptions } from '../rows/text/text.js';
import { checkCsv } from './check-csv.js';
import { checkNdjson } from './check-ndjson.js';
import type { DatasetDefinition } from './definition.js';
import type { BatchDraft, BatchFacts, BatchFormat } from './port.js';

const ID_LENGTH = 16;

/** The bytes of a batch, their format and limits. */
interface BatchSource {
  format: BatchFormat;
  /** Text in any charset, plain or gzip; stored as UTF-8. */
  chunks: AsyncIterable<Uint8Array>;
  charset: string | undefined;
  unnamed: TextOptions['unnamed'];
  onRemark: (remark: string) => void;
  definition: DatasetDefinition;
  maximumBadShare: number;
  maximumBytes: number;
}

/**
 * Fills a draft with a batch, which is checked while it is written, with few rows in memory.
 * @throws LapidaryError `too_many_bad_rows`, `payload_too_large`; `invalid_dataset` if no row is good or the format is
 *   another
 */
export async function fillBatch(draft: BatchDraft, source: BatchSource): Promise<BatchFacts> {
  const { format, definition, onRemark } = source;
  const content = new Content(draft, source.maximumBytes);
  const text = content.copy(readText(source.chunks, source));
  const quarantine = new Quarantine();
  const check: typeof checkCsv = format === 'csv' ? checkCsv : checkNdjson;
  let rows = 0;
  for await (const { good, bad } of check(text, definition, onRemark)) {
    rows += good;
    for (const row of bad) quarantine.add(row);
    quarantine.checkSoFar(rows, source.maximumBadShare);
    await draft.writeQuarantine(quarantine.take());
  }
  await draft.writeQuarantine(quarantine.take());
  quarantine.check(rows, source.maximumBadShare);
  if (rows === 0) throw new LapidaryError('invalid_dataset', 'the file has no rows');
  return { ...content.facts(), format, rows, quarantined: quarantine.count };
}

/** Copies bytes to a draft, with their count and checksum. */
class Content {
  private readonly hash = createHash('sha256');
  private bytes = 0;

  constructor(
    private readonly draft: BatchDraft,
    private readonly maximumBytes: number,
  ) {}

  async *copy(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
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
