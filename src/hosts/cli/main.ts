import { Command, CommanderError, Option } from 'commander';
import { readConfig } from '../../compose/config.js';
import { compose } from '../../compose/index.js';
import { placesOf } from '../../compose/places.js';
import { CODE_VERSION } from '../../core/code-version.js';
import { LapidaryError } from '../../core/errors.js';
import { redact } from '../../core/redact.js';
import { storageFailure } from '../../core/storage-failure.js';
import { logSignals } from '../log-signals.js';
import { newLogger } from '../logger.js';
import { addAccessCommands } from './access.js';
import { addAuditCommand } from './audit.js';
import { card } from './card.js';
import { addDatasetCommands } from './datasets.js';
import { type ImportOptions, importModel } from './import.js';
import { type InitOptions, init } from './init.js';
import { addJobCommands } from './jobs.js';
import { listModels } from './models.js';
import type { PredictOptions } from './predict.js';
import { addDecimalOption, addFileOptions } from './reading-options.js';
import { score } from './score.js';
import { train } from './train.js';
import { addVersionCommands } from './versions.js';

const IMPORT_HELP = `
DIR is the output of model.save('file://DIR') of TensorFlow.js or of tensorflowjs_converter
(--input_format=keras): a layers model with one output and no custom layers, not a graph model. The spec
gives mean and deviation in its encoding steps; its training part may be omitted. See docs/import.md.

Example:
  $ npx lapidary import boxes --model boxes-tfjs --spec boxes.json --data boxes.csv`;

/** Runs one command. Exit code: 0 on success, 1 on failure, 2 on invalid usage, 3 on partial success. */
export async function main(argv: readonly string[]): Promise<void> {
  // A reader such as head may close the pipe early.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 0 : 1);
  });
  try {
    await program().parseAsync(argv);
  } catch (error) {
    process.exitCode = report(error);
  }
}

type Json = { json?: true };

const open = async () => (await compose(readConfig())).operator;

function program(): Command {
  const lapidary = new Command('lapidary')
    .description('From a trained model to a production prediction API.')
    .version(CODE_VERSION)
    .exitOverride()
    .showHelpAfterError('(lapidary --help lists the commands)');
  lapidary
    .command('serve')
    .description(
      'Serve predictions over HTTP; settings are environment variables (docs/configuration.md)',
    )
    .action(async () => (await import('../server.js')).main());
  lapidary
    .command('lambda')
    .description('Run as an AWS Lambda function (the command of the container image)')
    .argument('[function]', 'api answers predictions, authorizer checks keys', 'api')
    .action(async (part: string) => (await import('../lambda/main.js')).main(part));
  addFileOptions(lapidary.command('init'))
    .description('Make a model from a CSV file: infer a spec, train, compare with baselines')
    .argument('<name>', 'the name of the new model: lower-case letters, digits, hyphens')
    .requiredOption('--data <file>', 'a CSV file with a header')
    .requiredOption('--target <column>', 'the column to predict')
    .addOption(
      new Option('--task <task>', 'the task (default: inferred)').choices([
        'regression',
        'classification',
      ]),
    )
    .option(
      '--leave-out <columns...>',
      'columns to ignore, such as those known only after the prediction',
    )
    .option('--kind <column=kind...>', 'the kind of a column: number, category or datetime')
    .option('--missing <column=word...>', 'words of a column that mean a missing value')
    .option(
      '--value <column=word...>',
      'words of a column that are values, although they usually mean missing, such as NA',
    )
    .option('--blank <column=word...>', 'the class that a blank of the target means, such as no')
    .option('--decimal <column=mark...>', 'the decimal mark of a column: point or comma')
    .option(
      '--date-order <column=order...>',
      'the order of dates such as 01/02/03: dmy, mdy or ymd',
    )
    .option('--replace', 'replace a model of that name')
    .option('--no-train', 'write the spec only')
    .option('--json', 'print each event as a line of JSON')
    .addHelpText(
      'after',
      '\nExample:\n  $ npx lapidary init penguins --data penguins.csv --target species',
    )
    .action(async (name: string, options: InitOptions) => {
      const config = readConfig();
      const workbench = await (await compose(config)).operator.workbench();
      await init(workbench, config.MODEL_DIR, name, options);
    });
  addDecimalOption(
    addFileOptions(
      lapidary
        .command('import')
        .description(
          'Serve a model that was trained elsewhere: a TensorFlow.js LayersModel and a spec',
        )
        .argument('<name>', 'the name of the new model: lower-case letters, digits, hyphens')
        .requiredOption('--model <directory>', 'a directory with model.json and its weights')
        .requiredOption('--spec <file>', 'a spec with the constants of its encoding steps')
        .option('--data <file>', 'a CSV file to check and score the model with')
        .option('--target <column>', "the column to predict (default: the spec's target)")
        .option('--replace', 'replace the champion of a model of that name'),
    ),
  )
    .option('--json', 'print the result as JSON')
    .addHelpText('after', IMPORT_HELP)
    .action(async (name: string, options: ImportOptions) =>
      importModel(await (await open()).imports(), name, options),
    );
  lapidary
    .command('train')
    .description('Train a model on its data, check it and make it the champion')
    .argument('<model>', 'a directory in model/, such as diamonds')
    .option('--json', 'print each epoch and the result as lines of JSON')
    .addHelpText('after', '\nExample:\n  $ npm run train -- diamonds')
    .action(async (model: string, { json }: Json) => {
      await train(await (await open()).workbench(), model, json === true);
    });
  lapidary
    .command('score')
    .description("Score a model's champion on held-out rows")
    .argument('<model>', 'a directory in model/, such as diamonds, or all')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', '\nExample:\n  $ npm run score -- diamonds --json')
    .action(async (model: string, { json }: Json) =>
      score(await (await open()).workbench(), model, json === true),
    );
  lapidary
    .command('card')
    .description("Write a champion's model card: a page with metrics and plots")
    .argument('<model>', 'a served model, such as diamonds, or all')
    .option('-o, --output <directory>', 'the directory to write to', 'docs/models')
    .addHelpText('after', '\nExample:\n  $ npm run cards -- diamonds')
    .action(async (model: string, { output }: { output: string }) =>
      card(await open(), model, output),
    );
  addDecimalOption(addFileOptions(lapidary.command('predict')))
    .description('Predict each row of a CSV file; rejected rows are written to a side file')
    .argument('<model>', 'a served model, such as diamonds')
    .argument('<input>', 'a CSV file with a column per feature, or - for standard input')
    .option('-o, --output <file>', 'the file for rows with predictions', '-')
    .option(
      '--rejects <file>',
      'the file for rejected rows and reasons (default: <output>.rejected.csv)',
    )
    .option('--json', 'print the result as JSON to standard error')
    .addHelpText(
      'after',
      '\nExit code: 0 if every row was predicted, 3 if some were rejected.' +
        '\n\nExample:\n  $ npx lapidary predict diamonds new.csv -o priced.csv',
    )
    .action(async (model: string, input: string, options: PredictOptions) => {
      const { predict } = await import('./predict.js');
      const complete = await predict((await open()).registry, model, input, options);
      if (!complete) process.exitCode = 3;
    });
  lapidary
    .command('models')
    .description('List the served models')
    .option('--json', 'print them as JSON')
    .action(async ({ json }: Json) => {
      const config = readConfig();
      const { registry } = (await compose(config)).operator;
      const complete = await listModels(registry, placesOf(config).models, json === true);
      if (!complete) process.exitCode = 3;
    });
  lapidary
    .command('upkeep')
    .description(
      'Do the chores of the server that are due: remove expired data, submit missed trainings',
    )
    .option('--all', 'process all stored data, including data that the index of chores lacks')
    .action(async ({ all }: { all?: true }) => {
      const config = readConfig();
      const signals = logSignals(newLogger(config.LOG_LEVEL));
      const app = await compose(config, { requestsLook: false, signals });
      const upkeep = await app.upkeep();
      const failed = await (all
        ? upkeep.doAll((await app.workspaces()).map(({ client }) => client))
        : upkeep.round(Number.POSITIVE_INFINITY));
      if (failed > 0) process.exitCode = 1;
    });
  addDatasetCommands(lapidary);
  addJobCommands(lapidary);
  addVersionCommands(lapidary);
  addAccessCommands(lapidary);
  addAuditCommand(lapidary);
  return lapidary;
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const failure = storageFailure(error, 'writing');
  const known = error instanceof LapidaryError ? error : failure;
  const where = failure ? ` (${(error as Error).message})` : '';
  const text = known
    ? `${known.code}: ${known.message}${where}`
    : String((error as Error)?.stack ?? error);
  process.stderr.write(`${redact(text)}\n`);
  return 1;
}
