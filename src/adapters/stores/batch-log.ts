import type { Page, PageRequest } from '../../api/page.js';
import { LapidaryError } from '../../core/errors.js';
import type { Batch, Totals } from '../../datasets/port.js';
import { EntryLog } from './entry-log.js';

/** A batch, and the directory of its files. */
export type LoggedBatch = Batch & { directory: string };

/** The batches of a dataset in order. Each id occurs once. */
export class BatchLog extends EntryLog<LoggedBatch> {
  readonly totals: Totals = { batches: 0, rows: 0, quarantined: 0, bytes: 0 };
  private readonly byId = new Map<string, LoggedBatch>();
  private putting: Promise<unknown> = Promise.resolve();

  async find(id: string): Promise<LoggedBatch | undefined> {
    if (!this.byId.has(id)) await this.read();
    return this.byId.get(id);
  }

  /**
   * Appends a batch unless its id exists; returns the stored one. Calls of one process take turns: concurrent ones would
   * compete for the same number.
   * @param create creates the entry of a number, and returns whether it did
   */
  put(
    batch: LoggedBatch,
    create: (number: number) => Promise<boolean>,
  ): Promise<{ batch: LoggedBatch; created: boolean }> {
    const put = this.putting.then(() => this.putNext(batch, create));
    this.putting = put.catch(() => undefined);
    return put;
  }

  private async putNext(batch: LoggedBatch, create: (number: number) => Promise<boolean>) {
    for (;;) {
      const there = this.byId.get(batch.id);
      if (there) return { batch: there, created: there.directory === batch.directory };
      await this.add(batch, create);
    }
  }

  protected override arrange(entry: LoggedBatch): LoggedBatch {
    const last = this.entries.at(-1)?.committedAt ?? '';
    const batch = { ...entry, committedAt: entry.committedAt > last ? entry.committedAt : last };
    this.byId.set(batch.id, batch);
    this.totals.batches++;
    for (const name of ['rows', 'quarantined', 'bytes'] as const) this.totals[name] += batch[name];
    return batch;
  }
}

/** Returns a batch without its directory. */
export function shown({ directory: _, ...batch }: LoggedBatch): Batch {
  return batch;
}

/** Returns a page of batches; its cursor is an index in the log, which never changes. */
export function pageOf(
  batches: readonly LoggedBatch[],
  { cursor = '0', limit }: PageRequest,
): Page<Batch> {
  if (!/^\d+$/.test(cursor))
    throw new LapidaryError('invalid_request', `"${cursor}" is not a cursor of batches`);
  const end = Number(cursor) + limit;
  const items = batches.slice(Number(cursor), end).map(shown);
  return end < batches.length ? { items, next: String(end) } : { items };
}
