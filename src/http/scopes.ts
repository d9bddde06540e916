import type { Scope } from '../access/port.js';

/** The scope that a key needs for an operation; `open` needs no key. */
const SCOPES: Readonly<Record<string, Scope | 'open'>> = {
  live: 'open',
  ready: 'open',

  listModels: 'predict',
  getModel: 'predict',
  predict: 'predict',
  predictBatch: 'predict',
  getBatchPredictionResult: 'predict',
  getBatchPredictionRejects: 'predict',
  listVersions: 'predict',
  getVersion: 'predict',
  compareVersions: 'predict',
  listAliases: 'predict',

  moveAlias: 'admin',
  rollBack: 'admin',
  removeAlias: 'admin',
  deleteVersion: 'admin',

  listDatasets: 'data',
  getDataset: 'data',
  defineDataset: 'data',
  removeDataset: 'data',
  appendBatch: 'data',
  getBatch: 'data',
  getBatchContent: 'data',
  getBatchQuarantine: 'data',
  startUpload: 'data',
  getUpload: 'data',
  putPart: 'data',
  completeUpload: 'data',
  abortUpload: 'data',

  fitModel: 'train',
  removeModel: 'train',
  listJobs: 'train',
  getJob: 'train',
  getJobLog: 'train',
  cancelJob: 'train',

  listClients: 'admin',
  createClient: 'admin',
  changeClient: 'admin',
  listKeys: 'admin',
  createKey: 'admin',
  rotateKey: 'admin',
  revokeKey: 'admin',
  listPlans: 'admin',
  putPlan: 'admin',
  getUsage: 'admin',
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

/** @returns undefined for a route that this table forgot */
export function scopeOf(route: Guarded): Scope | 'open' | undefined {
  const operation = operationOf(route);
  if (operation === undefined) return PAGES.has(route.url) ? 'open' : undefined;
  return Object.hasOwn(SCOPES, operation) ? SCOPES[operation] : undefined;
}
