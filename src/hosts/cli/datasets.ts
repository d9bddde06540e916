import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { format, table } from '../../cards/index.js';
import { LapidaryError } from '../../core/errors.js';
import { missingFile } from '../../core/missing-file.js';
import type { Batch } from '../../datasets/port.js';
import { showDataset } from '../../datasets/schema.js';
import type { DatasetService, DatasetSummary } from '../../datasets/service.js';
import { withOrigin } from '../../rows/faults.js';
import { allPages } from './all-pages.js';
import { print } from './output.js';

/** Lists the datasets. @param place where they are stored */
export async function listDatasets(
  datasets: DatasetService,
  place: string,
  json: boolean,
): Promise<void> {
  const items = await allPages((page) => datasets.list(page));
  if (json) return print(JSON.stringify({ items }, null, 2));
  if (items.length === 0)
    return print(`No datasets in ${place}: create one with lapidary datasets create`);
  const rows = items.map(({ name, totals }: DatasetSummary) => [
    name,
    ...[totals.batches, totals.rows, totals.quarantined, totals.bytes].map((n) => format(n)),
  ]);
  print(table([['dataset', 'batches', 'rows', 'quarantined', 'bytes'], ...rows]));
}

/**
 * Creates a dataset, or replaces its schema.
 * @param schema a JSON file with features and a target, such as a model's spec
 */
export async function createDataset(
  datasets: DatasetService,
  name: string,
  { schema, json }: { schema: string; json?: true },
): Promise<void> {
  const done = await datasets.define(name, await readSchema(schema));
  if (json) print(JSON.stringify({ name, done }));
  else print(`${name}: ${done}`);
}

/** Appends files, each as a batch. */
export async function appendBatches(
  datasets: DatasetService,
  name: string,
  files: readonly string[],
  { json, charset }: { json?: true; charset?: string },
): Promise<void> {
  for (const file of files) {
    const found = await stat(file).catch(() => undefined);
    if (!found?.isFile()) throw missingFile(file, found?.isDirectory());
    const isJson = /\.(ndjson|jsonl)(\.gz)?$/i.test(file);
    const put = await datasets
      .append(name, isJson ? 'ndjson' : 'csv', createReadStream(file), {
        unnamed: 'windows-1252',
        ...(charset !== undefined && { charset }),
      })
      .catch((error: unknown) => {
        throw withOrigin(file, error);
      });
    if (json) {
      print(JSON.stringify({ file, ...put }));
      continue;
    }
    print(`${file}: ${put.created ? 'batch' : 'already stored as batch'} ${summary(put.batch)}`);
    for (const remark of put.remarks ?? []) print(`${file}: ${remark}`);
  }
}

/** Shows a dataset and its batches. */
export async function showBatches(
  datasets: DatasetService,
  name: string,
  json: boolean,
): Promise<void> {
  const { batches: _, ...dataset } = await datasets.describe(name, { limit: 1 });
  const items = await allPages(async (page) => (await datasets.describe(name, page)).batches);
  if (json) return print(JSON.stringify(showDataset({ ...dataset, batches: { items } }), null, 2));
  const { features, target } = dataset.definition;
  print(`${name}: "${target.name}" from ${features.map((feature) => feature.name).join(', ')}\n`);
  const rows = items.map((batch) => [
    batch.id,
    batch.committedAt,
    ...[batch.rows, batch.quarantined, batch.bytes].map((n) => format(n)),
  ]);
  print(table([['batch', 'committed at', 'rows', 'quarantined', 'bytes'], ...rows]));
}

function summary({ id, rows, quarantined }: Batch): string {
  return `${id}, ${format(rows)} rows, ${format(quarantined)} quarantined`;
}

/** Reads a dataset's schema: of a spec, only its features and target. */
async function readSchema(path: string): Promise<unknown> {
  try {
    const value = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
    if (!Array.isArray(value?.encoding)) return value;
    return { features: value.features, target: value.target };
  } catch (error) {
    const detail = `cannot read ${path}: ${(error as Error).message}`;
    throw new LapidaryError('invalid_schema', detail, [], { cause: error });
  }
}
