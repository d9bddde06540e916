/** Capabilities: from outside, only their doors are imported. */
export const CAPABILITIES = [
  'training',
  'prediction',
  'cards',
  'serving',
  'registry',
  'datasets',
  'jobs',
  'access',
  'chores',
] as const;

/** Files of a capability that other folders may import; compose, which puts it together, may import any. */
export const DOORS = ['routes', 'schema', 'service', 'port', 'index'] as const;

/** Insides that other folders still import; each goes to a door of its capability. */
export const OPEN: ReadonlySet<string> = new Set([]);

const LIBRARIES = ['rows', 'csv', 'api', 'ml', 'core'];

/** What may be imported by each folder of src, and by the file beside them. */
export interface Floor {
  folders: readonly string[];
  /** Packages, and modules of Node. */
  packages: readonly string[];
}

const ROUTES = ['fastify', 'typebox'];

export const FLOORS: Readonly<Record<string, Floor>> = {
  'main.ts': { folders: ['hosts', 'core'], packages: [] },
  hosts: {
    folders: ['compose', 'http', ...CAPABILITIES, 'rows', 'api', 'ml', 'core'],
    packages: [
      ...['@fastify/aws-lambda', 'aws-lambda', 'cli-progress', 'commander', 'fastify', 'pino'],
      ...['pino-pretty', 'node:async_hooks', 'node:events', 'node:fs', 'node:fs/promises'],
      ...['node:os', 'node:path', 'node:stream/promises', 'node:timers/promises'],
      // The runtime client lies outside the bundle.
      '(computed)',
    ],
  },
  compose: {
    folders: ['adapters', ...CAPABILITIES, 'rows', 'core'],
    packages: ['node:fs', 'node:fs/promises', 'node:net', 'node:path', 'node:url'],
  },
  http: {
    folders: [
      ...['training', 'prediction', 'serving', 'registry', 'datasets', 'jobs', 'access', 'rows'],
      ...['api', 'ml', 'core'],
    ],
    packages: [
      ...['@fastify/swagger', '@fastify/swagger-ui', 'fastify', 'ipaddr.js', 'secure-json-parse'],
      ...['typebox', 'typebox/compile', 'typebox/value', 'node:crypto', 'node:http', 'node:net'],
      'node:stream',
    ],
  },
  adapters: {
    folders: [
      ...['training', 'prediction', 'registry', 'datasets', 'jobs', 'access', 'chores', 'rows'],
      ...['api', 'ml', 'core'],
    ],
    packages: [
      ...['@aws-sdk/client-dynamodb', '@aws-sdk/client-s3', '@aws-sdk/client-sagemaker'],
      ...['@aws-sdk/client-sqs', '@aws-sdk/lib-storage', 'lmdb', 'sharp', 'typebox'],
      ...['typebox/value', 'node:child_process', 'node:crypto', 'node:events', 'node:fs'],
      ...['node:fs/promises', 'node:module', 'node:os', 'node:path', 'node:readline'],
      ...['node:stream', 'node:timers/promises', 'node:url', 'node:util', 'node:worker_threads'],
    ],
  },
  training: {
    folders: ['cards', 'serving', 'registry', 'datasets', 'jobs', 'chores', ...LIBRARIES],
    packages: [...ROUTES, 'typebox/value', '@tensorflow/tfjs-layers'],
  },
  prediction: {
    folders: ['serving', 'registry', 'datasets', 'jobs', 'chores', ...LIBRARIES],
    packages: [...ROUTES, 'node:crypto', 'node:stream'],
  },
  cards: { folders: ['registry', 'ml', 'core'], packages: ['node:buffer'] },
  serving: { folders: ['registry', 'api', 'ml', 'core'], packages: ROUTES },
  registry: { folders: ['chores', 'api', 'ml', 'core'], packages: ROUTES },
  datasets: {
    folders: ['chores', ...LIBRARIES],
    packages: [...ROUTES, 'typebox/value', 'node:crypto', 'node:stream'],
  },
  jobs: { folders: ['api', 'core'], packages: [...ROUTES, 'typebox/value'] },
  access: { folders: ['chores', 'api', 'core'], packages: [...ROUTES, 'node:crypto'] },
  chores: { folders: ['core'], packages: [] },
  rows: {
    folders: ['csv', 'ml', 'core'],
    packages: ['iconv-lite', 'typebox', 'node:buffer', 'node:crypto', 'node:stream', 'node:zlib'],
  },
  csv: { folders: ['ml', 'core'], packages: [] },
  api: { folders: ['core'], packages: ['fastify', 'typebox', 'node:stream'] },
  ml: {
    folders: ['core'],
    packages: [
      ...['@tensorflow/tfjs-backend-wasm', '@tensorflow/tfjs-core', '@tensorflow/tfjs-layers'],
      ...['typebox', 'typebox/value'],
      // The native backend is there or not.
      '(computed)',
    ],
  },
  core: { folders: [], packages: ['node:crypto'] },
};
