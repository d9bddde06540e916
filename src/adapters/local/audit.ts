import { createReadStream } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { AuditEntry, ReadableAuditLog } from '../../access/index.js';
import { endOfMonth, parseInstant } from '../../core/instant.js';
import { makeDirectory, orUndefined, syncDirectory } from './durable.js';

/** A month, as 2026-01. */
const FILE = /^\d{4}-\d{2}\.jsonl$/;
const LINE_BREAK = '\n'.charCodeAt(0);

/** One file per month with one entry per line, to which any number of processes append. */
export class LocalAuditLog implements ReadableAuditLog {
  constructor(private readonly directory: string) {}

  async append(entry: AuditEntry): Promise<void> {
    const path = join(this.directory, `${entry.at.slice(0, 7)}.jsonl`);
    await makeDirectory(this.directory);
    const file = await open(path, 'a+', 0o600);
    try {
      const { size } = await file.stat();
      // The last writer may have crashed in the middle of a line, which must not damage the next.
      const torn = size > 0 && !(await endsLine(file, size));
      // One write, so that lines of other processes stay whole.
      await file.write(`${torn ? '\n' : ''}${JSON.stringify(entry)}\n`);
      await file.sync();
      if (size === 0) await syncDirectory(this.directory);
    } finally {
      await file.close();
    }
  }

  async *read(since = ''): AsyncGenerator<AuditEntry> {
    const from = since === '' ? Number.NEGATIVE_INFINITY : parseInstant(since);
    const names = (await orUndefined(readdir(this.directory))) ?? [];
    const months = names.filter((name) => FILE.test(name) && endOfMonth(name.slice(0, 7)) > from);
    for (const name of months.sort()) {
      const input = createReadStream(join(this.directory, name));
      for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
        const entry = parse(line);
        if (entry && parseInstant(entry.at) >= from) yield entry;
      }
    }
  }
}

async function endsLine(file: Awaited<ReturnType<typeof open>>, size: number): Promise<boolean> {
  const last = Buffer.alloc(1);
  await file.read(last, 0, 1, size - 1);
  return last[0] === LINE_BREAK;
}

/** Returns undefined for a torn line: its entry was never acknowledged. */
function parse(line: string): AuditEntry | undefined {
  try {
    return JSON.parse(line) as AuditEntry;
  } catch {
    return undefined;
  }
}
