import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { format } from '../../cards/index.js';
import { readConfig } from '../../compose/config.js';
import { compose } from '../../compose/index.js';
import { placesOf } from '../../compose/places.js';
import { LapidaryError } from '../../core/errors.js';
import { missingFile } from '../../core/missing-file.js';
import { showDataset } from '../../datasets/schema.js';
import { withOrigin } from '../../rows/faults.js';
import { allPages } from './all-pages.js';
import { print, printJson, printTable } from './output.js';
import { CHARSET_HELP } from './reading-options.js';

type Json = { json?: true };

/** Adds the commands about datasets. They work on the files in DATA_DIR, whether or not a server runs. */
export function addDatasetCommands(lapidary: Command): void {
  const datasets = lapidary
    .command('datasets')
    .description('Create datasets, append batches to them and list both');
  datasets
    .command('list')
    .description('List the datasets')
    .option('--json', 'print them as JSON')
    .action(listDatasets);
  datasets
    .command('create')
    .description('Create a dataset, or replace its schema')
    .argument('<name>', 'lower-case letters, digits, hyphens')
    .requiredOption(
      '--schema <file>',
      'JSON with features and a target, such as the spec of a model',
    )
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  $ npx lapidary datasets create diamonds --schema model/diamonds/spec.json',
    )
    .action(createDataset);
  datasets
    .command('append')
    .description('Append files, each as a batch; the same content is stored once')
    .argument('<name>', 'a dataset')
    .argument('<files...>', 'CSV or .ndjson; gzip is decompressed')
    .option('--charset <name>', CHARSET_HELP)
    .option('--json', 'print each result as a line of JSON')
    .addHelpText('after', '\nExample:\n  $ npx lapidary datasets append diamonds january.csv')
    .action(appendBatches);
  datasets
    .command('show')
    .description('Show a dataset and its batches')
    .argument('<name>', 'a dataset')
    .option('--json', 'print it as JSON')
    .action(showBatches);
}

const open = async () => (await (await compose(readConfig())).operator.datasets()).datasets;

async function listDatasets({ json }: Json): Promise<void> {
  const datasets = await open();
  const items = await allPages((page) => datasets.list(page));
  if (json) return printJson({ items });
  if (items.length === 0) {
    const place = placesOf(readConfig()).datasets;
    return print(`No datasets in ${place}: create one with lapidary datasets create`);
  }
  const rows = items.map(({ name, totals }) => [
    name,
    ...[totals.batches, totals.rows, totals.quarantined, totals.bytes].map((n) => format(n)),
  ]);
  printTable(['dataset', 'batches', 'rows', 'quarantined', 'bytes'], rows);
}

async function createDataset(
  name: string,
  { schema, json }: Json & { schema: string },
): Promise<void> {
  const done = await (await open()).define(name, await readSchema(schema));
  print(json ? JSON.stringify({ name, done }) : `${name}: ${done}`);
}

async function appendBatches(
  name: string,
  files: readonly string[],
  { json, charset }: Json & { charset?: string },
): Promise<void> {
  const datasets = await open();
  for (const file of files) {
    const found = await stat(file).catch(() => undefined);
    if (!found?.isFile()) throw missingFile(file, found?.isDirectory());
    const isJson = /\.(ndjson|jsonl)(\.gz)?$/i.test(file);
    const reading = { unnamed: 'windows-1252' as const, ...(charset !== undefined && { charset }) };
    const put = await datasets
      .append(name, isJson ? 'ndjson' : 'csv', createReadStream(file), reading)
      .catch((error: unknown) => {
        throw withOrigin(file, error);
      });
    if (json) {
      print(JSON.stringify({ file, ...put }));
      continue;
    }
    const { id, rows, quarantined } = put.batch;
    const what = `${put.created ? 'batch' : 'already stored as batch'} ${id}`;
    print(`${file}: ${what}, ${format(rows)} rows, ${format(quarantined)} quarantined`);
    for (const remark of put.remarks ?? []) print(`${file}: ${remark}`);
  }
}

async function showBatches(name: string, { json }: Json): Promise<void> {
  const datasets = await open();
  const { batches: _, ...dataset } = await datasets.describe(name, { limit: 1 });
  const items = await allPages(async (page) => (await datasets.describe(name, page)).batches);
  if (json) return printJson(showDataset({ ...dataset, batches: { items } }));
  const { features, target } = dataset.definition;
  print(`${name}: "${target.name}" from ${features.map((feature) => feature.name).join(', ')}\n`);
  const rows = items.map((batch) => [
    batch.id,
    batch.committedAt,
    ...[batch.rows, batch.quarantined, batch.bytes].map((n) => format(n)),
  ]);
  printTable(['batch', 'committed at', 'rows', 'quarantined', 'bytes'], rows);
}

/** Reads the schema of a dataset; of a spec, only its features and target. */
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
