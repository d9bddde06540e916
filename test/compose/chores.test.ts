import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { builtInPlan } from '../../src/access/plans.js';
import { doChores } from '../../src/compose/chores.js';
import { readConfig } from '../../src/compose/config.js';
import { composeJobFunction } from '../../src/compose/job-function.js';
import { onThisMachine } from '../../src/compose/storage.js';
import type { WorkspaceParts } from '../../src/compose/workspace.js';
import { Workspaces } from '../../src/compose/workspaces.js';
import { SILENT } from '../../src/core/signals.js';
import type { JobStore } from '../../src/jobs/port.js';
import { FLATS } from '../support/datasets.js';

const HOUR_MS = 3_600_000;
const directory = () => mkdtempSync(join(tmpdir(), 'lapidary-chores-'));

let place: string;
beforeEach(() => {
  place = directory();
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(place, { recursive: true });
});

function newWorkspaces() {
  const config = readConfig({ MODEL_DIR: join(place, 'models'), DATA_DIR: place });
  const parts: WorkspaceParts = {
    config,
    requestsLook: false,
    jobsOf: () => Promise.reject(new Error('not used here')),
    maker: () => Promise.reject(new Error('not used here')),
    planOf: async () => builtInPlan('unlimited')!,
    signals: SILENT,
  };
  return { config, workspaces: new Workspaces(onThisMachine(config), parts) };
}

type World = ReturnType<typeof newWorkspaces>;

it.each<[string, (world: World) => Promise<unknown>]>([
  ['a server', ({ config, workspaces }) => doChores(config, workspaces, SILENT)],
  [
    'the function of jobs',
    async ({ config, workspaces }) => {
      const notifier = { notify: async () => {} };
      const parts = { store: {} as JobStore, notifier, table: [], handlers: {} };
      await (await composeJobFunction(config, { ...parts, workspaces, signals: SILENT })).sweep();
    },
  ],
])('%s removes the uploads of all clients an hour after they expire', async (_host, sweep) => {
  const world = newWorkspaces();
  const { datasets, uploads } = await world.workspaces.of('acme').datasets();
  await datasets.define('flats', FLATS);
  const { id, expiresAt } = await uploads.start('flats', {});
  const isThere = () =>
    readdirSync(place, { recursive: true }).some((path) => String(path).includes(id));
  const now = jest.spyOn(Date, 'now').mockReturnValue(Date.parse(expiresAt) + HOUR_MS - 1000);
  await sweep(world);
  expect(isThere()).toBe(true);
  now.mockReturnValue(Date.parse(expiresAt) + HOUR_MS + 1000);
  await sweep(world);
  expect(isThere()).toBe(false);
});
