import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Directory } from '../../src/adapters/objects/directory.js';
import type { Objects } from '../../src/adapters/objects/objects.js';
import { StoredDue } from '../../src/adapters/stores/due.js';
import type { Due, DueStore } from '../../src/chores/port.js';
import { newBucket } from '../support/bucket.js';
import { describeAws } from '../support/emulator.js';

const NOW = new Date('2026-11-28T10:00:00Z');
const due = (change: Partial<Due> = {}): Due => ({
  chore: 'uploads',
  client: 'acme',
  subject: 'flats/1',
  at: NOW,
  failures: 0,
  ...change,
});
const at = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000);

function dueContract(newPlace: () => () => Objects): void {
  let open: () => DueStore;
  beforeEach(() => {
    const place = newPlace();
    open = () => new StoredDue(place());
  });

  it('returns the entries whose time has come, the earliest first', async () => {
    const store = open();
    for (const minutes of [3, -2, 0, -7, 1]) await store.add(due({ at: at(minutes) }));
    const listed = await open().list(NOW, 10);
    expect(listed).toEqual([-7, -2, 0].map((minutes) => due({ at: at(minutes) })));
    expect(await store.list(NOW, 2)).toEqual(listed.slice(0, 2));
    expect(await store.list(at(-8), 10)).toEqual([]);
  });

  it('has an entry once, and another where any field differs', async () => {
    const store = open();
    expect([await store.add(due()), await open().add(due())]).toEqual([true, false]);
    const others = [{ chore: 'x' }, { client: '' }, { subject: '*' }, { failures: 3 }];
    for (const change of others) expect(await store.add(due(change))).toBe(true);
    const listed = await store.list(NOW, 10);
    expect(listed).toHaveLength(5);
    expect(listed).toEqual(expect.arrayContaining([due(), ...others.map(due)]));
  });

  it('gives one of many that add at once the entry', async () => {
    const added = await Promise.all(Array.from({ length: 10 }, () => open().add(due())));
    expect(added.filter(Boolean)).toHaveLength(1);
  });

  it('removes an entry alone, and one that is not there', async () => {
    const store = open();
    await store.add(due());
    await store.add(due({ client: '' }));
    for (let i = 0; i < 2; i++) await store.remove(due());
    expect(await open().list(NOW, 10)).toEqual([due({ client: '' })]);
  });

  it('keeps any subject', async () => {
    const subjects = ['a/b', 'a,b', '..', '*', 'ä b', 'x'.repeat(100)];
    for (const subject of subjects) await open().add(due({ subject }));
    const listed = await open().list(NOW, 10);
    expect(listed.map(({ subject }) => subject).sort()).toEqual(subjects.sort());
  });
}

describe('entries in a directory', () => {
  const parent = mkdtempSync(join(tmpdir(), 'lapidary-due-'));
  afterAll(() => rmSync(parent, { recursive: true }));
  dueContract(() => {
    const place = mkdtempSync(join(parent, 'place-'));
    return () => new Directory(place);
  });
});

describeAws('entries in a bucket', () => {
  let bucket: Awaited<ReturnType<typeof newBucket>>;
  beforeAll(async () => {
    bucket = await newBucket();
  });
  dueContract(() => bucket.newPlace().open);

  it('take one request to list, whatever the number of clients', async () => {
    const objects = bucket.newPlace().open();
    const store = new StoredDue(objects);
    const clients = Array.from({ length: 30 }, (_, i) => `client-${i}`);
    for (const client of clients) await store.add(due({ client }));
    for (const client of clients) await store.add(due({ client, at: at(60) }));
    const send = bucket.client.send.bind(bucket.client);
    const commands: string[] = [];
    bucket.client.send = ((command: object, ...rest: []) => {
      commands.push(command.constructor.name);
      return send(command as never, ...rest);
    }) as typeof send;
    try {
      expect(await store.list(NOW, 100)).toHaveLength(30);
    } finally {
      bucket.client.send = send;
    }
    expect(commands).toEqual(['ListObjectsV2Command']);
  });
});
