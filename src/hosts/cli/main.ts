import { Command, CommanderError } from 'commander';
import { compose } from '../../compose.js';
import { readConfig } from '../../config.js';
import { LapidaryError } from '../../core/errors.js';
import { evaluate } from './evaluate.js';
import { train } from './train.js';

/** Runs one command. The exit code is 0, or 1 when the command failed, or 2 when it was not understood. */
export async function main(argv: readonly string[]): Promise<void> {
  try {
    await program().parseAsync(argv);
  } catch (error) {
    process.exitCode = report(error);
  }
}

function program(): Command {
  const lapidary = new Command('lapidary')
    .description('From a trained model to a production prediction API.')
    .exitOverride()
    .showHelpAfterError('(lapidary --help lists the commands)');
  lapidary
    .command('serve')
    .description(
      'Answer predictions over HTTP; settings come from the environment (docs/configuration.md)',
    )
    .action(async () => (await import('../server.js')).main());
  lapidary
    .command('lambda')
    .description('Answer predictions as an AWS Lambda function (the container image runs this)')
    .action(async () => (await import('../lambda/main.js')).main());
  lapidary
    .command('train')
    .description('Train a model on its data, check it and make it the champion')
    .argument('<model>', 'a directory of model/, such as diamonds')
    .option('--json', 'print the result, and each epoch before it, as lines of JSON')
    .addHelpText('after', '\nExample:\n  $ npm run train -- diamonds')
    .action(async (model: string, options: { json?: true }) =>
      train(await compose(readConfig()).training(), model, options.json === true),
    );
  lapidary
    .command('evaluate')
    .description("Score a model's champion on the rows that were held out from training")
    .argument('<model>', 'a directory of model/, such as diamonds')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', '\nExample:\n  $ npm run evaluate -- diamonds --json')
    .action(async (model: string, options: { json?: true }) =>
      evaluate(await compose(readConfig()).training(), model, options.json === true),
    );
  return lapidary;
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const known = error instanceof LapidaryError;
  const text = known ? `${error.code}: ${error.message}` : String((error as Error)?.stack ?? error);
  process.stderr.write(`${text}\n`);
  return 1;
}
