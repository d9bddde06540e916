import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Directory } from '../../src/adapters/objects/directory.js';
import { StoredDue } from '../../src/adapters/stores/due.js';
import { IndexAgenda } from '../../src/chores/agenda.js';
import type { Chore, Due } from '../../src/chores/port.js';
import { UpkeepService } from '../../src/chores/service.js';
import { SILENT } from '../../src/core/signals.js';

const MINUTE_MS = 60_000;
const BEGAN = Date.parse('2026-11-28T10:01:00Z');

let place: string;
let store: StoredDue;
let now: number;
let failed: object[];
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'lapidary-upkeep-'));
  store = new StoredDue(new Directory(place));
  now = BEGAN;
  failed = [];
});
afterEach(() => rmSync(place, { recursive: true }));

const due = (subject: string, chore = 'dishes'): Due => ({
  chore,
  client: 'acme',
  subject,
  at: new Date(BEGAN - 1000),
  failures: 0,
});

/** Returns a chore that notes what it does. */
function newChore(name: string, act: (subject: string) => Promise<Date | undefined> | undefined) {
  const done: string[] = [];
  const chore: Chore = {
    name,
    subjects: async () => ['all'],
    async do(client, subject) {
      done.push(`${client}/${subject}`);
      return act(subject);
    },
  };
  return { chore, done };
}

function newUpkeep(...chores: Chore[]) {
  const signals = {
    ...SILENT,
    event: (_type: object, fields: object) => void failed.push(fields),
  };
  return new UpkeepService(chores, store, signals, () => now);
}
const listed = async () => (await store.list(new Date(now), 10)).map(({ subject }) => subject);

it('does what is due once, and what is not due not yet', async () => {
  const { chore, done } = newChore('dishes', () => undefined);
  await store.add(due('plates'));
  await store.add({ ...due('cups'), at: new Date(BEGAN + MINUTE_MS) });
  const upkeep = newUpkeep(chore);
  for (let i = 0; i < 2; i++) expect(await upkeep.round()).toBe(0);
  expect(done).toEqual(['acme/plates']);
  now += 2 * MINUTE_MS;
  await upkeep.round();
  expect(done).toEqual(['acme/plates', 'acme/cups']);
});

it('is done by one of ten servers', async () => {
  const { chore, done } = newChore('dishes', () => new Promise((r) => setTimeout(r, 5, undefined)));
  const subjects = Array.from({ length: 8 }, (_, i) => `plate-${i}`);
  for (const subject of subjects) await store.add(due(subject));
  await Promise.all(Array.from({ length: 10 }, () => newUpkeep(chore).round()));
  expect(done.sort()).toEqual(subjects.map((subject) => `acme/${subject}`));
});

it('goes on after a server that died in its round, when its lease is over', async () => {
  const dying = newChore('dishes', () => new Promise(() => {}));
  await store.add(due('plates'));
  void newUpkeep(dying.chore).round();
  while (dying.done.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  const { chore, done } = newChore('dishes', () => undefined);
  const other = newUpkeep(chore);
  await other.round();
  expect(done).toEqual([]);
  now += 5 * MINUTE_MS;
  await other.round();
  expect(done).toEqual(['acme/plates']);
  now += 60 * MINUTE_MS;
  expect(await listed()).toEqual([]);
});

it('ends after its current chore when its server stops, and leaves the rest to another one', async () => {
  let finish = () => {};
  const stopping = newChore(
    'dishes',
    () => new Promise((resolve) => (finish = () => resolve(undefined))),
  );
  for (const subject of ['cups', 'plates']) await store.add(due(subject));
  const upkeep = newUpkeep(stopping.chore);
  void upkeep.round();
  while (stopping.done.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  const ended = upkeep.end();
  finish();
  await ended;
  const { chore, done } = newChore('dishes', () => undefined);
  await newUpkeep(chore).round();
  expect([...stopping.done, ...done]).toEqual(['acme/cups', 'acme/plates']);
});

it('tries what failed again, later each time, and keeps nothing else from being done', async () => {
  const { chore, done } = newChore('dishes', (subject) =>
    subject === 'broken' ? Promise.reject(new Error('it is broken')) : undefined,
  );
  await store.add(due('broken'));
  await store.add(due('strange', 'unknown'));
  await store.add(due('sound'));
  const upkeep = newUpkeep(chore);
  expect(await upkeep.round()).toBe(2);
  expect(done.sort()).toEqual(['acme/broken', 'acme/sound']);
  expect(failed).toEqual([
    expect.objectContaining({ chore: 'dishes', client: 'acme', subject: 'broken' }),
    expect.objectContaining({ chore: 'unknown', subject: 'strange' }),
  ]);
  const tries: number[] = [];
  for (let minutes = 0; minutes < 40; minutes++) {
    now += MINUTE_MS;
    if (await upkeep.round()) tries.push(minutes + 1);
  }
  expect(tries).toEqual([5, 15, 35]);
});

it('has due again what says when', async () => {
  const { chore, done } = newChore('dishes', async () =>
    done.length < 2 ? new Date(now + 30 * MINUTE_MS) : undefined,
  );
  await store.add(due('plates'));
  const upkeep = newUpkeep(chore);
  for (let minutes = 0; minutes < 100; minutes += 10) {
    await upkeep.round();
    now += 10 * MINUTE_MS;
  }
  expect(done).toHaveLength(2);
});

it('does what is due every hour at its first round, and then by the index', async () => {
  const { chore, done } = newChore('dishes', () => undefined);
  const upkeep = [newUpkeep({ ...chore, hourly: '*' }), newUpkeep({ ...chore, hourly: '*' })];
  for (const each of upkeep) await each.round();
  expect(done).toEqual(['/*', '/*']);
  for (let minutes = 0; minutes < 120; minutes += 5) {
    now += 5 * MINUTE_MS;
    for (const each of upkeep) await each.round();
  }
  expect(done).toHaveLength(4);
});

it('does all that clients have, and reports what cannot be listed', async () => {
  const { chore, done } = newChore('dishes', async () => new Date(BEGAN + MINUTE_MS));
  const lost = { ...chore, name: 'lost', subjects: () => Promise.reject(new Error('no list')) };
  expect(await newUpkeep(lost, chore).doAll(['', 'acme'])).toBe(2);
  expect(done).toEqual(['/all', 'acme/all']);
  expect(failed).toHaveLength(2);
  now += 2 * MINUTE_MS;
  expect(await listed()).toEqual(['all', 'all']);
});

it('writes the same note once', async () => {
  let added = 0;
  const counting = {
    ...store,
    add: async () => ++added > 0,
    list: async () => [],
    remove: async () => {},
  };
  const agenda = new IndexAgenda(async () => counting, 'acme');
  for (const subject of ['a', 'a', 'b', 'a']) await agenda.note('dishes', subject, new Date(now));
  expect(added).toBe(2);
});
