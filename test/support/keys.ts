import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SCOPES, type Scope } from '../../src/access/port.js';
import { JOB_KINDS } from '../../src/compose/capabilities.js';
import { readConfig } from '../../src/compose/config.js';
import { compose } from '../../src/compose/index.js';
import { guardByKey } from '../../src/http/guard/access.js';
import type { ApiDependencies, Workspace } from '../../src/http/routes.js';
import { MODEL_DIR, testApp } from './app.js';
import { newDatasets } from './datasets.js';

/** Returns access in a directory of its own, with the client acme. */
export async function newAccess(env: Record<string, string> = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'lapidary-access-'));
  const open = async () => (await compose(readConfig({ DATA_DIR: directory, ...env }))).access();
  const access = await open();
  await access.keys.createClient({ id: 'acme', name: 'Acme Ltd', plan: 'unlimited' });
  const issue = async (...scopes: Scope[]) => (await access.keys.createKey('acme', scopes)).key;
  const remove = async () => {
    await access.close();
    rmSync(directory, { recursive: true });
  };
  return { directory, access, open, issue, remove };
}

type Dependencies = ApiDependencies & Workspace;

/**
 * The optional parts of an API, except load limits, client addresses, and parts that exclude keys.
 */
type OptionalPart = Exclude<
  {
    [Name in keyof Dependencies]-?: undefined extends Dependencies[Name] ? Name : never;
  }[keyof Dependencies],
  'load' | 'loaded' | 'shares' | 'web' | 'clientTimeouts' | 'invocationsModel'
>;

/** Returns the whole API with keys, and a key with every scope. */
export async function guardedApp(
  env: Record<string, string> = {},
  overrides: Partial<Dependencies> = {},
) {
  const world = await newAccess(env);
  const datasets = newDatasets();
  const composed = await compose(readConfig({ MODEL_DIR, DATA_DIR: world.directory, ...env }));
  const { workspaceOf, audit } = composed;
  const { fitting, jobs, batchPredictions } = composed.operator;
  // Mounts all routes, so that the access tests cover each.
  const capabilities: Required<Pick<Dependencies, OptionalPart>> = {
    datasets: async () => datasets,
    fitting,
    jobs,
    jobKinds: JOB_KINDS,
    batchPredictions,
    audit,
    access: async () => world.access,
    guard: guardByKey(world.access),
  };
  const { app, dependencies, lines } = testApp({ ...capabilities, workspaceOf, ...overrides });
  const key = await world.issue(...SCOPES);
  const remove = async () => {
    await app.close();
    datasets.remove();
    await world.remove();
  };
  return { ...world, composed, app, dependencies, lines, key, remove };
}
