import { takesNull } from '../../ml/encoding/features.js';
import type { Feature, Spec } from '../../ml/spec.js';
import type { Version } from '../../registry/index.js';
import { exampleTable, tabular } from './table.js';

/** Values that the page fills in for an operation. */
export interface OperationExample {
  /** Path parameters by name. */
  path?: Record<string, string>;
  /** Bodies by content type; the first is shown first. */
  body?: Record<string, unknown>;
}

const JSON_TYPE = 'application/json';
const of = (body: unknown) => ({ body: { [JSON_TYPE]: body } });
const CLIENT = 'acme';
const DATASET = 'example';
/** A free plan. */
const PLAN = {
  requestsPerSecond: 10,
  burst: 20,
  predictionsPerMonth: 100_000,
  maxInstances: 1000,
  maxDatasetBytes: 10_000_000,
  trainingMinutesPerMonth: 60,
  currency: 'USD',
  pricePerThousandPredictions: '0',
  pricePerTrainingMinute: '0',
};

/**
 * Returns examples by operation. They work in the order of the page: a dataset is defined before a batch is appended.
 * Operations that remove something have none, so that it is not removed by accident.
 * @param versions the champions
 */
export function operationExamples(
  versions: readonly Version[],
): Readonly<Record<string, OperationExample>> {
  return {
    ...modelExamples(versions[0]),
    ...datasetExamples(tabular(versions)),
    createClient: of({ id: CLIENT, plan: 'free' }),
    changeClient: { path: { client: CLIENT }, ...of({ plan: 'standard' }) },
    createKey: of({ client: CLIENT, scopes: ['predict'] }),
    rotateKey: of({ graceSeconds: 3600 }),
    putPlan: { path: { plan: 'small' }, ...of(PLAN) },
  };
}

function modelExamples(version: Version | undefined): Record<string, OperationExample> {
  if (!version) return unlearntExamples();
  const path = { model: version.spec.name };
  const champion = { ...path, alias: 'champion' };
  return {
    predict: { path, ...of({ instances: [exampleInstance(version)] }) },
    getModel: { path },
    listVersions: { path },
    listAliases: { path },
    getVersion: { path: { ...path, version: version.id } },
    compareVersions: { path: { ...path, a: 'champion', b: version.id } },
    moveAlias: { path: champion, ...of({ version: version.id }) },
    rollBack: of({}),
  };
}

/** Returns examples where no model serves yet, for the model that the example of a fit makes. */
function unlearntExamples(): Record<string, OperationExample> {
  const path = { model: DATASET };
  const { rows, target } = exampleTable(undefined);
  const { [target.name]: _, ...instance } = rows[0]!;
  return {
    predict: { path, ...of({ instances: [instance] }) },
    getModel: { path },
    listVersions: { path },
    listAliases: { path },
  };
}

function datasetExamples(version: Version | undefined): Record<string, OperationExample> {
  const { features, target, rows } = exampleTable(version);
  const path = { dataset: DATASET };
  const model = { model: version?.spec.name ?? DATASET };
  const instances = rows.slice(0, 3).map(({ [target.name]: _, ...instance }) => instance);
  return {
    defineDataset: { path, ...of({ features, target }) },
    getDataset: { path },
    getBatch: { path },
    getBatchContent: { path },
    getBatchQuarantine: { path },
    appendBatch: { path, body: { 'text/csv': csv(rows), 'application/x-ndjson': lines(rows) } },
    startUpload: { path, ...of({ format: 'csv' }) },
    getUpload: { path },
    putPart: { path: { ...path, part: '1' } },
    completeUpload: { path },
    fitModel: { path: { model: DATASET }, ...of({ dataset: DATASET }) },
    getBatchPredictionResult: { path: model },
    getBatchPredictionRejects: { path: model },
    predictBatch: {
      path: model,
      body: {
        'text/csv': csv(instances),
        'application/x-ndjson': lines(instances),
        [JSON_TYPE]: { dataset: DATASET },
      },
    },
  };
}

/** Returns an instance that the model accepts: a held-out row, or a synthetic one where there is none. */
export function exampleInstance({ spec, examples }: Version): Record<string, unknown> {
  const [first] = examples;
  return first ? shortened(spec, first.instance) : synthetic(spec);
}

/** Returns an instance with its pixels as base64, since thousands of numbers would fill the page. */
function shortened(spec: Spec, instance: Record<string, unknown>): Record<string, unknown> {
  const entries = spec.features.map(({ name, kind }) => {
    const value = instance[name];
    return [name, kind === 'image' && Array.isArray(value) ? base64(value.flat()) : value];
  });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function synthetic(spec: Spec): Record<string, unknown> {
  return Object.fromEntries(spec.features.map((feature) => [feature.name, sampleOf(feature)]));
}

function sampleOf(feature: Feature): unknown {
  switch (feature.kind) {
    case 'number': {
      const { minimum = 0, maximum = Math.max(minimum, 1) } = feature;
      const middle = (minimum + maximum) / 2;
      return Number.isFinite(middle) ? middle : minimum;
    }
    case 'category':
      return feature.categories[0] ?? (takesNull(feature) ? null : 'none');
    case 'datetime':
      return '2024-01-31';
    case 'image':
      // A gradient: an image of one colour may be refused.
      return base64(Array.from({ length: feature.width * feature.height }, (_, i) => i % 256));
  }
}

function base64(pixels: readonly number[]): string {
  return Buffer.from(pixels).toString('base64');
}

function csv(rows: readonly Record<string, unknown>[]): string {
  const names = Object.keys(rows[0] ?? {});
  return [names, ...rows.map((row) => names.map((name) => row[name]))]
    .map((cells) => `${cells.map(cell).join(',')}\n`)
    .join('');
}

function cell(value: unknown): string {
  const text = value === null || value === undefined ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function lines(rows: readonly Record<string, unknown>[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}
