import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, describe, expect, it } from '@jest/globals';
import { type AuditEntry, type AuditLog, audited } from '../../src/access/audit.js';
import { LocalAuditLog } from '../../src/adapters/local/audit.js';
import { AuditLines } from '../../src/adapters/local/audit-lines.js';
import { LapidaryError } from '../../src/core/errors.js';

const entry = (n: number, change: Partial<AuditEntry> = {}): AuditEntry => ({
  at: `2026-01-31T10:00:00.${String(n).padStart(3, '0')}Z`,
  phase: 'ended',
  by: { client: 'acme', key: 'k1' },
  operation: 'revokeKey',
  subject: { key: `k${n}` },
  outcome: { status: 200 },
  request: `r${n}`,
  ...change,
});
async function all(entries: AsyncIterable<AuditEntry>): Promise<AuditEntry[]> {
  const read: AuditEntry[] = [];
  for await (const each of entries) read.push(each);
  return read;
}

const directory = mkdtempSync(join(tmpdir(), 'lapidary-audit-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** A log, and a reader of its entries. */
interface World {
  log: AuditLog;
  kept(): Promise<AuditEntry[]>;
}
let logs = 0;
const WORLDS: readonly [string, () => World][] = [
  [
    'files',
    () => {
      const files = new LocalAuditLog(join(directory, String(logs++)));
      return { log: files, kept: () => all(files.read()) };
    },
  ],
  [
    'lines of a log',
    () => {
      let text = '';
      const output = new Writable({
        write(chunk, _encoding, done) {
          text += String(chunk);
          done();
        },
      });
      const kept = async () =>
        text
          .trim()
          .split('\n')
          .map((line) => {
            const { audit, ...rest } = JSON.parse(line) as AuditEntry & { audit: boolean };
            expect(audit).toBe(true);
            return rest;
          });
      return { log: new AuditLines(output), kept };
    },
  ],
];

describe.each(WORLDS)('an audit log in %s', (_what, open) => {
  it('has an appended entry unchanged once it is acknowledged', async () => {
    const { log, kept } = open();
    for (let n = 0; n < 3; n++) {
      await log.append(entry(n));
      expect((await kept()).at(-1)).toEqual(entry(n));
    }
  });

  it('keeps concurrent entries whole', async () => {
    const { log, kept } = open();
    await Promise.all(Array.from({ length: 50 }, (_, n) => log.append(entry(n))));
    const subjects = (await kept()).map(({ subject }) => subject.key);
    expect(subjects.sort()).toEqual(Array.from({ length: 50 }, (_, n) => `k${n}`).sort());
  });

  it('has the beginning and the end of an action, done or failed', async () => {
    const { log, kept } = open();
    const act = { by: { user: 'me' }, operation: 'x', subject: { key: 'a' }, request: 'r' };
    await audited(
      log,
      act,
      async () => {
        expect(await kept()).toMatchObject([{ phase: 'begun', subject: { key: 'a' } }]);
        return 'new';
      },
      (id) => ({ id }),
    );
    const failing = async () => Promise.reject(new LapidaryError('key_not_found', 'no'));
    await expect(audited(log, act, failing)).rejects.toThrow('no');
    expect((await kept()).slice(1)).toMatchObject([
      { phase: 'ended', subject: { key: 'a', id: 'new' }, outcome: { done: true } },
      { phase: 'begun' },
      { phase: 'ended', outcome: { error: 'key_not_found' } },
    ]);
  });

  it('begins no action without an entry', async () => {
    const { log } = open();
    let done = false;
    log.append = () => Promise.reject(new Error('full'));
    const act = { by: { user: 'me' }, operation: 'x', subject: {}, request: 'r' };
    const doing = audited(log, act, async () => {
      done = true;
    });
    await expect(doing).rejects.toThrow('full');
    expect(done).toBe(false);
  });
});

describe('the files of an audit log', () => {
  it('are one a month, private to their owner, and can be read from a given time on', async () => {
    const place = join(directory, 'months');
    const log = new LocalAuditLog(place);
    const times = [
      '2025-12-31T23:59:59.999Z',
      '2026-01-01T00:00:00.000Z',
      '2026-02-01T00:00:00.000Z',
    ];
    for (const at of times) await log.append(entry(1, { at }));
    for (const month of ['2025-12', '2026-01', '2026-02'])
      expect(statSync(join(place, `${month}.jsonl`)).mode & 0o077).toBe(0);
    const since = async (time: string) => (await all(log.read(time))).map(({ at }) => at);
    expect(await since('2026-01-01')).toEqual(times.slice(1));
    expect(await since('2026-01-01T00:00:00.001Z')).toEqual(times.slice(2));
  });

  it('lose only an incomplete line', async () => {
    const place = join(directory, 'torn');
    const log = new LocalAuditLog(place);
    await log.append(entry(1));
    const file = join(place, '2026-01.jsonl');
    appendFileSync(file, '{"at":"2026-01-31T10:0');
    await log.append(entry(2));
    expect(await all(log.read())).toEqual([entry(1), entry(2)]);
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(4);
  });
});
