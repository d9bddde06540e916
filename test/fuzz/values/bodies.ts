import type { AnySchemaObject } from 'ajv';
import fc from 'fast-check';
import { BOXES } from '../../support/boxes.js';
import type { Operation } from '../document.js';
import type { Knowledge, Tuple } from '../knowledge.js';
import { nearly } from './mutation.js';
import { oddJson } from './odd.js';
import { anyBytes, imageOf, type Rows, rowsOf } from './rows.js';
import { fitting } from './schema.js';

const OTHER = {
  features: [
    { name: 'when', kind: 'datetime', optional: true },
    { name: 'side', kind: 'number', missing: [-1] },
    { name: 'note', kind: 'category', categories: ['a'], unknown: true },
  ],
  target: { name: 'material', classes: ['cork', 'oak'] },
};

/** The instance that a model has for an example, by its name. */
export type Examples = ReadonlyMap<string, object>;

/** What a body is made with. */
interface Source {
  operation: Operation;
  tuple: Tuple;
  knowledge: Knowledge;
  examples: Examples;
}

/** The model whose instances a path takes. */
const modelOf = ({ operation, tuple }: Source): string =>
  tuple.model ?? /^\/models\/([^/{]+)\//.exec(operation.path)?.[1] ?? '';

/** A body of a content type, and how it is encoded. */
export function bodyOf(type: string, source: Source): fc.Arbitrary<Rows> {
  if (type === 'application/json') return jsonBody(source);
  if (source.operation.id === 'putPart') return partBody;
  if (/csv|ndjson/.test(type)) return rowsOf(type, source.examples.get(modelOf(source)));
  return imageOf(type).map((bytes) => ({ bytes }));
}

const partBody = fc.oneof(
  { weight: 8, arbitrary: rowsOf('text/csv').map(({ bytes }): Rows => ({ bytes })) },
  { weight: 1, arbitrary: rowsOf('text/csv') },
  { weight: 1, arbitrary: anyBytes.map((bytes): Rows => ({ bytes })) },
);

function jsonBody(source: Source): fc.Arbitrary<Rows> {
  const schema = source.operation.content['application/json']!.schema;
  const good = fc.oneof(
    { weight: 3, arbitrary: sensible(source) ?? fits(schema, source) },
    { weight: 1, arbitrary: fits(schema, source) },
  );
  const written = fc.oneof({ weight: 5, arbitrary: good }, { weight: 4, arbitrary: nearly(good) });
  const text = fc.oneof(
    { weight: 12, arbitrary: written.map((value) => JSON.stringify(value) ?? '') },
    { weight: 1, arbitrary: oddJson },
  );
  return fc.oneof(
    { weight: 20, arbitrary: text.map((each): Rows => ({ bytes: Buffer.from(each) })) },
    { weight: 1, arbitrary: anyBytes.map((bytes): Rows => ({ bytes })) },
  );
}

const fits = (schema: AnySchemaObject, { operation, tuple, knowledge }: Source) =>
  fitting(schema, knowledge.namesFor(operation, tuple));

/** What makes sense beyond what a schema says; undefined where the schema says all. */
function sensible(source: Source): fc.Arbitrary<unknown> | undefined {
  const { operation, tuple, knowledge, examples } = source;
  if (operation.id.startsWith('predict') && operation.id !== 'predictBatch') {
    const example = examples.get(modelOf(source)) ?? {};
    return fc.integer({ min: 1, max: 5 }).map((count) => ({
      instances: Array.from({ length: count }, () => example),
    }));
  }
  switch (operation.id) {
    case 'defineDataset':
      return fc.constantFrom(BOXES, BOXES, { ...BOXES, maximumBadShare: 1 }, OTHER);
    case 'fitModel':
      return smallFit(knowledge.names('dataset'));
    case 'moveAlias':
      return fc.record(
        {
          version: fc.constantFrom('none', ...knowledge.versionsOf(tuple)),
          share: fc.constantFrom(0, 0.5, 1),
          shadow: fc.boolean(),
        },
        { requiredKeys: ['version'] },
      );
    case 'startUpload':
      // Parts are mostly plain CSV.
      return fc.constantFrom({}, { format: 'csv' }, {}, { compression: 'gzip' });
    case 'completeUpload':
      return fc.constant({ parts: knowledge.partsOf(tuple) });
    default:
      return undefined;
  }
}

/** Fits that take a second or so. */
const smallFit = (datasets: readonly string[]) =>
  fc.record(
    {
      dataset: fc.oneof(fc.constant('boxes'), fc.constantFrom(...datasets)),
      spec: fc.constant({ network: { hidden: [4], members: 1 } }),
      hyperparameters: fc.constantFrom({ epochs: 1 }, { epochs: 2, batchSize: 64 }),
      follow: fc.boolean(),
      target: fc.constantFrom('weight', 'material', 'none'),
      search: fc.constant({ trials: 2, seed: 1 }),
      gate: fc.constantFrom({ tolerance: 0 }, { tolerance: 10 }),
    },
    { requiredKeys: ['dataset', 'spec', 'hyperparameters'] },
  );
