import type { Scope } from '../../access/port.js';

/** The scopes of which a key needs one, or `open` to all who have none. */
export type NeededScopes = readonly Scope[] | 'open';

const SCOPES: Readonly<Record<string, NeededScopes>> = {
  live: 'open',
  ready: 'open',
  ping: 'open',

  listModels: ['predict'],
  getModel: ['predict'],
  predict: ['predict'],
  invoke: ['predict'],
  predictBatch: ['predict'],
  getBatchPredictionResult: ['predict'],
  getBatchPredictionRejects: ['predict'],
  listVersions: ['predict'],
  getVersion: ['predict'],
  compareVersions: ['predict'],
  listAliases: ['predict'],

  moveAlias: ['train', 'admin'],
  rollBack: ['train', 'admin'],
  removeAlias: ['train', 'admin'],
  deleteVersion: ['train', 'admin'],

  listDatasets: ['data'],
  getDataset: ['data'],
  defineDataset: ['data'],
  removeDataset: ['data'],
  appendBatch: ['data'],
  getBatch: ['data'],
  getBatchContent: ['data'],
  getBatchQuarantine: ['data'],
  startUpload: ['data'],
  getUpload: ['data'],
  putPart: ['data'],
  completeUpload: ['data'],
  abortUpload: ['data'],

  fitModel: ['train'],
  removeModel: ['train'],
  // Who predicts batches has jobs, too.
  listJobs: ['predict', 'train'],
  getJob: ['predict', 'train'],
  getJobLog: ['predict', 'train'],
  cancelJob: ['predict', 'train'],

  listClients: ['admin'],
  createClient: ['admin'],
  changeClient: ['admin'],
  listKeys: ['admin'],
  createKey: ['admin'],
  rotateKey: ['admin'],
  revokeKey: ['admin'],
  listPlans: ['admin'],
  putPlan: ['admin'],
  getUsage: ['admin'],
};

/** Pages about the API: they are no operations of it. */
const PAGES = new Set(['/', '/openapi.json', '/docs', '/docs/*']);

/** A route, as far as it matters who may call it. */
export interface Guarded {
  url: string;
  schema?: unknown;
}

/** The name of a route in the documentation. */
export function operationOf({ schema }: Guarded): string | undefined {
  return (schema as { operationId?: string } | undefined)?.operationId;
}

/** What a route needs; what the table forgot is for nobody but admins. */
export function scopesOf(route: Guarded): NeededScopes {
  return knownScopesOf(route) ?? ['admin'];
}

/** @returns undefined for a route that this table forgot */
export function knownScopesOf(route: Guarded): NeededScopes | undefined {
  const operation = operationOf(route);
  if (operation === undefined) return PAGES.has(route.url) ? 'open' : undefined;
  return Object.hasOwn(SCOPES, operation) ? SCOPES[operation] : undefined;
}
