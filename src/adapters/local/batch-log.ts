import { link, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Batch, Totals } from '../../datasets/port.js';
import { hasCode, orUndefined, syncDirectory } from './durable.js';

/** A batch, and the directory that its files are in. */
export type LoggedBatch = Batch & { directory: string };

/**
 * Which batches there are, in which order: the file `<directory>/<n>` tells of the n-th. To put a batch is
 * to link its entry there, which only one of several does, be they processes or machines; nobody waits for
 * another. Who puts the n-th has read all before it, so no batch is there twice.
 */
export class BatchLog {
  readonly totals: Totals = { batches: 0, rows: 0, quarantined: 0, bytes: 0 };
  private readonly entries: LoggedBatch[] = [];
  private readonly byId = new Map<string, LoggedBatch>();

  constructor(private readonly directory: string) {}

  /** All batches, in their order. Entries never change, so each is read once. */
  async read(): Promise<readonly LoggedBatch[]> {
    for (;;) {
      const place = this.entries.length + 1;
      const text = await orUndefined(readFile(this.pathOf(place), 'utf8'));
      if (text === undefined) return this.entries;
      // Somebody else may have read it meanwhile.
      if (place === this.entries.length + 1) this.add(JSON.parse(text) as LoggedBatch);
    }
  }

  async find(id: string): Promise<LoggedBatch | undefined> {
    await this.read();
    return this.byId.get(id);
  }

  /**
   * Puts a batch behind all others, unless one with its id is there; returns the one that is.
   * @param entry a file that tells of the batch, flushed
   */
  async put(entry: string, id: string): Promise<{ batch: LoggedBatch; created: boolean }> {
    let created = false;
    for (;;) {
      const batch = await this.find(id);
      if (batch) {
        // Also when another put it: it has to last before anybody is told that it is there.
        await syncDirectory(this.directory);
        return { batch, created };
      }
      try {
        await link(entry, this.pathOf(this.entries.length + 1));
        created = true;
      } catch (error) {
        if (!hasCode(error, 'EEXIST')) throw error;
      }
    }
  }

  private add(entry: LoggedBatch): void {
    const last = this.entries.at(-1)?.committedAt ?? '';
    const committedAt = entry.committedAt > last ? entry.committedAt : last;
    const batch = { ...entry, committedAt };
    this.entries.push(batch);
    this.byId.set(batch.id, batch);
    this.totals.batches++;
    for (const name of ['rows', 'quarantined', 'bytes'] as const) this.totals[name] += batch[name];
  }

  private pathOf(place: number): string {
    return join(this.directory, String(place));
  }
}
