import type { Command } from 'commander';
import { readConfig } from '../../compose/config.js';
import { compose } from '../../compose/index.js';
import { placesOf } from '../../compose/places.js';
import { CHARSET_HELP } from './reading-options.js';

type Options = { json?: true };

/** Adds the commands about datasets. They work on the files in DATA_DIR, whether or not a server runs. */
export function addDatasetCommands(lapidary: Command): void {
  const datasets = lapidary
    .command('datasets')
    .description('Create datasets, append batches to them and list both');
  const open = async () => (await (await compose(readConfig())).operator.datasets()).datasets;

  datasets
    .command('list')
    .description('List the datasets')
    .option('--json', 'print them as JSON')
    .action(async ({ json }: Options) => {
      const { listDatasets } = await import('./datasets.js');
      await listDatasets(await open(), placesOf(readConfig()).datasets, json === true);
    });
  datasets
    .command('create')
    .description('Create a dataset, or replace its schema')
    .argument('<name>', 'lower-case letters, digits, hyphens')
    .requiredOption('--schema <file>', "JSON with features and a target; a model's spec will do")
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  $ npx lapidary datasets create diamonds --schema model/diamonds/spec.json',
    )
    .action(async (name: string, options: Options & { schema: string }) => {
      const { createDataset } = await import('./datasets.js');
      await createDataset(await open(), name, options);
    });
  datasets
    .command('append')
    .description('Append files, each as a batch; what is there already stays one batch')
    .argument('<name>', 'a dataset')
    .argument('<files...>', 'CSV, or .ndjson; gzip is unpacked')
    .option('--charset <name>', CHARSET_HELP)
    .option('--json', 'print each result as a line of JSON')
    .addHelpText('after', '\nExample:\n  $ npx lapidary datasets append diamonds january.csv')
    .action(async (name: string, files: string[], options: Options & { charset?: string }) => {
      const { appendBatches } = await import('./datasets.js');
      await appendBatches(await open(), name, files, options);
    });
  datasets
    .command('show')
    .description('Show a dataset and its batches')
    .argument('<name>', 'a dataset')
    .option('--json', 'print it as JSON')
    .action(async (name: string, { json }: Options) => {
      const { showBatches } = await import('./datasets.js');
      await showBatches(await open(), name, json === true);
    });
}
