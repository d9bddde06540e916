import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { AMOUNTS, type UsageRecord } from '../../access/port.js';
import { uuidv7 } from '../../core/ids.js';

const LIFE_MS = 3_600_000;
const DAY_MS = 86_400_000;

/**
 * The journal of one process. Lines are written immediately but not flushed: they survive a crash of the process, not of
 * the machine.
 */
export class UsageJournal {
  private file: { descriptor: number; size: number; begunAt: number } | undefined;

  constructor(private readonly directory: string) {}

  /** Returns when the journal of this name was started. */
  static begunAt(name: string): number {
    return Number.parseInt(name.replaceAll('-', '').slice(0, 12), 16);
  }

  /** Appends lines, all or none. @throws Error when they could not be written */
  append(records: readonly UsageRecord[]): void {
    const file = this.open();
    const bytes = Buffer.from(linesOf(records));
    let written = 0;
    try {
      written = writeSync(file.descriptor, bytes);
    } finally {
      if (written < bytes.length) this.undo(file);
    }
    if (written < bytes.length) {
      const full = new Error('the usage could not be written: the disk is full');
      throw Object.assign(full, { code: 'ENOSPC' });
    }
    file.size += written;
  }

  close(): void {
    if (this.file) closeSync(this.file.descriptor);
    this.file = undefined;
  }

  /** Removes half a line; when that fails, the next line starts another journal. */
  private undo({ descriptor, size }: { descriptor: number; size: number }): void {
    try {
      ftruncateSync(descriptor, size);
    } catch {
      this.close();
    }
  }

  private open() {
    if (this.file && Date.now() - this.file.begunAt > LIFE_MS) this.close();
    if (!this.file) {
      const name = uuidv7();
      const descriptor = openSync(join(this.directory, `${name}.jsonl`), 'ax', 0o600);
      this.file = { descriptor, size: 0, begunAt: UsageJournal.begunAt(name) };
    }
    return this.file;
  }
}

/** Sums records to one line per client and model: the length of a turn does not grow with its requests. */
function linesOf(records: readonly UsageRecord[]): string {
  const lines: UsageRecord[] = [];
  for (const record of records) {
    const same = record.id === undefined && lines.find((line) => isSame(line, record));
    if (same) add(same, record);
    else lines.push({ ...record });
  }
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

function add(line: UsageRecord, record: UsageRecord): void {
  for (const amount of AMOUNTS) {
    const more = record[amount];
    if (more !== undefined) line[amount] = (line[amount] ?? 0) + more;
  }
}

function isSame(line: UsageRecord, { client, model, at }: UsageRecord): boolean {
  const sameDay = Math.floor(line.at / DAY_MS) === Math.floor(at / DAY_MS);
  return line.id === undefined && line.client === client && line.model === model && sameDay;
}
