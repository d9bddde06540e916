import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { builtInPlan } from '../../src/access/plans.js';
import { NO_AGENDA } from '../../src/chores/port.js';
import { readConfig } from '../../src/compose/config.js';
import { onThisMachine } from '../../src/compose/storage.js';
import type { WorkspaceParts } from '../../src/compose/workspace.js';
import { Workspaces } from '../../src/compose/workspaces.js';
import { SILENT } from '../../src/core/signals.js';
import { FLATS } from '../support/datasets.js';

const IDLE_LOOKS = 10;

function newWorkspaces() {
  const directory = mkdtempSync(join(tmpdir(), 'lapidary-workspaces-'));
  const config = readConfig({ MODEL_DIR: join(directory, 'models'), DATA_DIR: directory });
  const nothing = () => Promise.reject(new Error('it is not used here'));
  const parts: WorkspaceParts = {
    config,
    requestsLook: false,
    jobsOf: nothing,
    maker: nothing,
    planOf: async () => builtInPlan('unlimited')!,
    agendaOf: () => NO_AGENDA,
    signals: SILENT,
  };
  const opened: string[] = [];
  const storages = onThisMachine(config);
  const counting = {
    ...storages,
    of(client: string) {
      opened.push(client);
      return storages.of(client);
    },
  };
  const workspaces = new Workspaces(counting, parts);
  return { workspaces, opened, remove: () => rmSync(directory, { recursive: true }) };
}

let world: ReturnType<typeof newWorkspaces>;
beforeEach(() => {
  world = newWorkspaces();
});
afterEach(() => world.remove());

describe('workspaces', () => {
  it('are opened once, and kept while they are requested', async () => {
    const { workspaces, opened } = world;
    const acme = workspaces.of('acme');
    expect(workspaces.of('')).toBe(workspaces.operator);
    for (let look = 0; look < 3 * IDLE_LOOKS; look++) {
      await workspaces.refresh();
      expect(workspaces.of('acme')).toBe(acme);
    }
    expect(opened).toEqual(['', 'acme']);
  });

  it('are evicted without requests', async () => {
    const { workspaces } = world;
    const acme = workspaces.of('acme');
    for (let look = 0; look < IDLE_LOOKS; look++) await workspaces.refresh();
    expect(workspaces.of('acme')).toBe(acme);
    for (let look = 0; look <= IDLE_LOOKS; look++) await workspaces.refresh();
    expect(workspaces.of('acme')).not.toBe(acme);
  });

  it('are let go when too many others come', () => {
    const { workspaces } = world;
    const first = workspaces.of('client-0');
    for (let i = 1; i < 500; i++) workspaces.of(`client-${i}`);
    expect(workspaces.of('client-0')).toBe(first);
    workspaces.of('client-500');
    expect(workspaces.of('client-0')).toBe(first);
    for (let i = 501; i < 1001; i++) workspaces.of(`client-${i}`);
    expect(workspaces.of('client-0')).not.toBe(first);
  });

  it('are there for all who keep something, and for the operator', async () => {
    const { workspaces } = world;
    for (const client of ['acme', 'rival'])
      await (await workspaces.of(client).datasets()).datasets.define('flats', FLATS);
    workspaces.of('nobody');
    const clients = (await workspaces.all()).map(({ client }) => client);
    expect(clients.sort()).toEqual(['', 'acme', 'rival']);
  });
});
