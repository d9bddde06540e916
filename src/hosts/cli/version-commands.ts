import { type Command, Option } from 'commander';
import { readConfig } from '../../compose/config.js';
import { compose } from '../../compose/index.js';
import type { MoveOptions, PromoteOptions } from './versions.js';

const MODEL = 'a model, such as diamonds';
const PROMOTE_HELP = `
Examples:
  $ npx lapidary promote diamonds e6f9da8773a13904
  $ npx lapidary promote diamonds e6f9da8773a13904 --alias challenger --share 0.1`;

/** Adds the commands that show versions and move aliases. */
export function addVersionCommands(lapidary: Command): void {
  const service = async () => (await compose(readConfig())).operator.versions;
  lapidary
    .command('versions')
    .description("List a model's versions, newest first, and the aliases that point to them")
    .argument('<model>', MODEL)
    .option('--json', 'print them as JSON')
    .action(async (model: string, options: { json?: true }) =>
      (await import('./versions.js')).versions(await service(), model, options.json === true),
    );
  moving(lapidary.command('promote'))
    .description('Make a version the champion: running servers load it within MODEL_REFRESH_S')
    .argument('<model>', MODEL)
    .argument('<version>', 'a version id, as listed by lapidary versions')
    .option(
      '--share <part>',
      'with --alias challenger: the share of requests it answers, from 0 to 1',
      Number,
    )
    .option(
      '--shadow',
      'with --alias challenger: predict and log beside the champion, never answer',
    )
    .addHelpText('after', PROMOTE_HELP)
    .action(async (model: string, version: string, options: PromoteOptions) =>
      (await import('./versions.js')).promote(await service(), model, version, options),
    );
  moving(lapidary.command('rollback'))
    .description('Undo the last promotion; a second rollback restores it')
    .argument('<model>', MODEL)
    .action(async (model: string, options: MoveOptions) =>
      (await import('./versions.js')).rollback(await service(), model, options),
    );
  lapidary
    .command('compare')
    .description('Compare two versions: their metrics and the differences of their specs')
    .argument('<model>', MODEL)
    .argument('<a>', 'a version id, or an alias such as champion')
    .argument('<b>', 'a version id or an alias')
    .option('--json', 'print the result as JSON')
    .action(async (model: string, a: string, b: string, options: { json?: true }) =>
      (await import('./versions.js')).compare(
        await service(),
        model,
        [a, b],
        options.json === true,
      ),
    );
}

function moving(command: Command): Command {
  return command
    .addOption(new Option('--alias <alias>', 'the alias to move').default('champion'))
    .option('--expected <version>', 'move it only if it points to this version')
    .option('--json', 'print the result as JSON');
}
