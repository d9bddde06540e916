import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database, RootDatabase } from 'lmdb';
import {
  type Amounts,
  addAmounts,
  type DailyUsage,
  dayOf,
  NO_USAGE,
  REMEMBERED_DAYS,
  type UsageRecord,
  type UsageStore,
} from '../../access/port.js';
import { makeDirectory } from './durable.js';
import { transact } from './lmdb.js';
import { UsageJournal } from './usage-journal.js';

const FOLD_MS = 5000;
/** Bytes per step: requests wait for some milliseconds of work. */
const AT_ONCE_BYTES = 2 ** 18;
/** Age from which a journal is removed: its owner has started another long before. */
const LEFT_MS = 2 * 3_600_000;
const DAY_MS = 86_400_000;
/** Sorts after all names. */
const LAST = '\uffff';

/**
 * Stores usage on one machine. Each process appends records to its own journal; regularly, and before reads, the lines
 * are added to sums in LMDB. The position in the journal is committed with the sums, so each line counts once.
 */
export class LocalUsageStore implements UsageStore {
  /** Sums by `[month, client, model, day]`. */
  private readonly days: Database<Required<Amounts>, string[]>;
  /** Bytes of each journal that are in the sums. */
  private readonly folded: Database<number, string>;
  /** The day of each counted id, and the ids by day for removal. */
  private readonly seen: Database<string, string>;
  private readonly seenOn: Database<true, [string, string]>;
  private readonly journal: UsageJournal;
  private folding: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;

  private constructor(
    private readonly root: RootDatabase,
    private readonly directory: string,
  ) {
    const json = { encoding: 'json' } as const;
    this.days = root.openDB('usage', json);
    this.folded = root.openDB('usage-folded', json);
    this.seen = root.openDB('usage-seen', json);
    this.seenOn = root.openDB('usage-seen-on', json);
    this.journal = new UsageJournal(directory);
  }

  /** @param root shared; closed by its owner */
  static async open(root: RootDatabase, directory: string): Promise<LocalUsageStore> {
    await makeDirectory(directory);
    return new LocalUsageStore(root, directory);
  }

  record(records: readonly UsageRecord[]): undefined {
    this.journal.append(records);
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      // Retried with the next record or read.
      this.fold().catch(() => undefined);
    }, FOLD_MS).unref();
  }

  async read(month: string, client?: string): Promise<DailyUsage[]> {
    await this.fold();
    this.root.resetReadTxn();
    const range = { start: [month, client ?? ''], end: [month, client ?? LAST, LAST] };
    return [...this.days.getRange(range)].map(({ key, value }) => {
      const [, ofClient, model, day] = key as [string, string, string, string];
      return { client: ofClient, model, day, ...value };
    });
  }

  async close(): Promise<void> {
    clearTimeout(this.timer);
    this.journal.close();
    await this.fold();
  }

  /** Adds up journals one run at a time; the next run includes all records so far. */
  private fold(): Promise<void> {
    this.folding = this.folding.catch(() => undefined).then(() => this.foldAll());
    return this.folding;
  }

  private async foldAll(): Promise<void> {
    const names = (await readdir(this.directory)).filter((name) => name.endsWith('.jsonl'));
    for (const name of names.sort()) {
      while (await this.foldSome(name));
      if (Date.now() - UsageJournal.begunAt(name) > LEFT_MS) await this.forget(name);
    }
  }

  /** Adds one step of a journal. @returns whether more may follow */
  private foldSome(name: string): Promise<boolean> {
    return transact(this.root, () => {
      const offset = this.folded.get(name) ?? 0;
      const lines = readLines(join(this.directory, name), offset);
      if (lines.length === 0) return false;
      for (const line of lines.toString().trimEnd().split('\n'))
        this.add(JSON.parse(line) as UsageRecord);
      this.folded.put(name, offset + lines.length);
      return true;
    });
  }

  private add(record: UsageRecord): void {
    const { id, client, model, at } = record;
    const day = dayOf(at);
    if (id !== undefined) {
      if (this.seen.get(id) !== undefined) return;
      this.seen.put(id, day);
      this.seenOn.put([day, id], true);
    }
    const key = [day.slice(0, 7), client, model, day];
    const sum = { ...NO_USAGE, ...this.days.get(key) };
    addAmounts(sum, record);
    this.days.put(key, sum);
  }

  /** Removes a journal that is in the sums, and ids that are no longer repeated. */
  private async forget(name: string): Promise<void> {
    await rm(join(this.directory, name), { force: true });
    const oldest = dayOf(Date.now() - REMEMBERED_DAYS * DAY_MS);
    await transact(this.root, () => {
      this.folded.remove(name);
      for (const [day, id] of [...this.seenOn.getKeys({ end: [oldest, ''] })]) {
        this.seen.remove(id);
        this.seenOn.remove([day, id]);
      }
    });
  }
}

/** Reads whole lines from an offset: a killed process may leave half a line at the end. */
function readLines(path: string, offset: number): Buffer {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    // Removed by another process.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
  try {
    const bytes = Buffer.alloc(Math.min(AT_ONCE_BYTES, Math.max(0, fstatSync(file).size - offset)));
    const read = bytes.subarray(0, readSync(file, bytes, 0, bytes.length, offset));
    return read.subarray(0, read.lastIndexOf(10) + 1);
  } finally {
    closeSync(file);
  }
}
