import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { builtInPlan } from '../../src/access/plans.js';
import { Directory } from '../../src/adapters/objects/directory.js';
import { StoredDue } from '../../src/adapters/stores/due.js';
import { IndexAgenda } from '../../src/chores/agenda.js';
import { UpkeepService } from '../../src/chores/service.js';
import { choresOf } from '../../src/compose/capabilities.js';
import { readConfig } from '../../src/compose/config.js';
import { composeJobFunction } from '../../src/compose/job-function.js';
import { onThisMachine } from '../../src/compose/storage.js';
import type { WorkspaceParts } from '../../src/compose/workspace.js';
import { Workspaces } from '../../src/compose/workspaces.js';
import { OPERATOR } from '../../src/core/operator.js';
import { SILENT } from '../../src/core/signals.js';
import type { JobStore } from '../../src/jobs/port.js';
import { chunked, FLATS, flats } from '../support/datasets.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'lapidary-chores-'));
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(place, { recursive: true });
});

const paths = () => readdirSync(place, { recursive: true }).map(String);
const entries = () => paths().filter((path) => /^due\/.*,/.test(path));

function newWorld() {
  const config = readConfig({ MODEL_DIR: join(place, 'models'), DATA_DIR: place });
  const counted = { bytes: 1_000_000 };
  const store = new StoredDue(new Directory(place));
  const parts: WorkspaceParts = {
    config,
    requestsLook: false,
    jobsOf: () => Promise.reject(new Error('not used here')),
    maker: () => Promise.reject(new Error('not used here')),
    planOf: async () => builtInPlan('standard')!,
    counterOf: async () => ({
      read: async () => counted.bytes,
      async add(bytes) {
        counted.bytes += bytes;
      },
      async correct(_before, measured) {
        counted.bytes = measured;
      },
    }),
    agendaOf: (client) => new IndexAgenda(async () => store, client),
    signals: SILENT,
  };
  const workspaces = new Workspaces(onThisMachine(config), parts);
  const upkeep = new UpkeepService(
    choresOf((client) => workspaces.find(client), config, SILENT),
    store,
    SILENT,
    () => Date.now(),
  );
  return { config, workspaces, upkeep, store, counted };
}

type World = ReturnType<typeof newWorld>;

/** Sets the clock on. */
function clock() {
  const began = Date.now();
  const now = jest.spyOn(Date, 'now');
  return (afterMs: number) => now.mockReturnValue(began + afterMs);
}

it.each<[string, (world: World) => Promise<unknown>]>([
  ['a server', ({ upkeep }) => upkeep.round()],
  [
    'the function of jobs',
    async ({ config, workspaces, upkeep }) => {
      const notifier = { notify: async () => {} };
      const parts = { store: {} as JobStore, notifier, table: [], handlers: {} };
      const all = { ...parts, workspaces, upkeep, signals: SILENT };
      await (await composeJobFunction(config, all)).doChores();
    },
  ],
])('%s removes the uploads of all clients an hour after they expire', async (_host, doChores) => {
  const world = newWorld();
  const { datasets, uploads } = await world.workspaces.of('acme').datasets();
  await datasets.define('flats', FLATS);
  const { id, expiresAt } = await uploads.start('flats', {});
  const isThere = () => paths().some((path) => path.includes(`/${id}/`));
  const now = jest.spyOn(Date, 'now').mockReturnValue(Date.parse(expiresAt) + HOUR_MS - 1000);
  await doChores(world);
  expect(isThere()).toBe(true);
  now.mockReturnValue(Date.parse(expiresAt) + HOUR_MS + 1000);
  await doChores(world);
  expect(isThere()).toBe(false);
});

it('an upload that is aborted leaves no entry', async () => {
  const { datasets, uploads } = await newWorld().workspaces.of('acme').datasets();
  await datasets.define('flats', FLATS);
  const { id } = await uploads.start('flats', {});
  expect(entries()).toHaveLength(1);
  await uploads.abort('flats', id);
  expect(entries().filter((entry) => entry.includes('uploads'))).toEqual([]);
});

describe('a crash while a batch is appended', () => {
  /** Appends half a batch; its process never goes on. */
  async function crash({ workspaces }: World) {
    const { datasets } = await workspaces.of('acme').datasets();
    await datasets.define('flats', FLATS);
    async function* endless() {
      yield* chunked(flats(20_000));
      await new Promise(() => {});
    }
    void datasets.append('flats', 'csv', endless());
    while (scratch().length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const scratch = () => paths().filter((path) => path.includes('/batches/'));

  it('leaves scratch, which is removed when it is a day old, and not before', async () => {
    const world = newWorld();
    const later = clock();
    await crash(world);
    expect(scratch()).not.toEqual([]);
    later(DAY_MS - HOUR_MS);
    await world.upkeep.round();
    expect(scratch()).not.toEqual([]);
    later(2 * DAY_MS + HOUR_MS);
    await world.upkeep.round();
    expect(scratch()).toEqual([]);
  });

  it('leaves scratch without an entry in a version before: `upkeep --all` removes it, or adds the entry', async () => {
    const world = newWorld();
    const later = clock();
    await crash(world);
    rmSync(join(place, 'due'), { recursive: true });
    await world.upkeep.doAll([OPERATOR, 'acme']);
    expect(scratch()).not.toEqual([]);
    expect(entries()).toContainEqual(expect.stringContaining('/datasets,acme,flats,0'));
    later(3 * DAY_MS);
    await world.upkeep.round();
    expect(scratch()).toEqual([]);
  });
});

it('stored bytes are counted again once some were removed', async () => {
  const world = newWorld();
  const later = clock();
  const { datasets } = await world.workspaces.of('acme').datasets();
  await datasets.define('flats', FLATS);
  await datasets.append('flats', 'csv', chunked(flats(3)));
  await datasets.remove('flats');
  later(2 * HOUR_MS);
  await world.upkeep.round();
  expect(world.counted.bytes).toBeLessThan(100_000);
});

it('clients of whom nothing is due are not asked about', async () => {
  const world = newWorld();
  const later = clock();
  for (let i = 0; i < 20; i++) {
    const { datasets } = await world.workspaces.of(`client-${i}`).datasets();
    await datasets.define('flats', FLATS);
  }
  const { uploads } = await world.workspaces.of('client-7').datasets();
  await uploads.start('flats', {});
  await world.upkeep.round();
  const find = jest.spyOn(world.workspaces, 'find');
  const list = jest.spyOn(Directory.prototype, 'list');
  await world.upkeep.round();
  expect(find).not.toHaveBeenCalled();
  expect(list.mock.calls.every(([prefix]) => prefix.startsWith('due/'))).toBe(true);
  later(10 * DAY_MS);
  await world.upkeep.round();
  expect(new Set(find.mock.calls.flat())).toEqual(new Set(['client-7', OPERATOR]));
});
