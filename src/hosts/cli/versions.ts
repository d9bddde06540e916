import { type Command, Option } from 'commander';
import { readConfig } from '../../compose/config.js';
import { compose } from '../../compose/index.js';
import type { AliasTarget } from '../../registry/port.js';
import { allPages } from './all-pages.js';
import { firstFigure } from './models.js';
import { print, printJson, printTable } from './output.js';

type Json = { json?: true };
/** Options of the commands that move an alias. */
type MoveOptions = Json & { alias: string; expected?: string };
type PromoteOptions = MoveOptions & { share?: number; shadow?: true };

const MODEL = 'a model, such as diamonds';
const PROMOTE_HELP = `
Examples:
  $ npx lapidary promote diamonds e6f9da8773a13904
  $ npx lapidary promote diamonds e6f9da8773a13904 --alias challenger --share 0.1`;

/** Adds the commands that show versions and move aliases. */
export function addVersionCommands(lapidary: Command): void {
  lapidary
    .command('versions')
    .description("List a model's versions, newest first, and the aliases that point to them")
    .argument('<model>', MODEL)
    .option('--json', 'print them as JSON')
    .action(listVersions);
  moving(lapidary.command('promote'))
    .description('Make a version the champion: running servers load it within MODEL_REFRESH_S')
    .argument('<model>', MODEL)
    .argument('<version>', 'a version id, as listed by lapidary versions')
    .option(
      '--share <part>',
      'with --alias challenger: the share of requests it answers, from 0 to 1',
      Number,
    )
    .option('--shadow', 'with --alias challenger: predict and log, never answer')
    .addHelpText('after', PROMOTE_HELP)
    .action(async (model: string, version: string, options: PromoteOptions) => {
      const { alias, expected, json, ...how } = options;
      const target = { version, ...how };
      printTarget(model, alias, await (await open()).promote(model, alias, target, expected), json);
    });
  moving(lapidary.command('rollback'))
    .description('Undo the last promotion; a second rollback restores it')
    .argument('<model>', MODEL)
    .action(async (model: string, { alias, expected, json }: MoveOptions) =>
      printTarget(model, alias, await (await open()).rollback(model, alias, expected), json),
    );
  lapidary
    .command('compare')
    .description('Compare two versions: their metrics and the differences of their specs')
    .argument('<model>', MODEL)
    .argument('<a>', 'a version id, or an alias such as champion')
    .argument('<b>', 'a version id or an alias')
    .option('--json', 'print the result as JSON')
    .action(compare);
}

const open = async () => (await compose(readConfig())).operator.versions;

function moving(command: Command): Command {
  return command
    .addOption(new Option('--alias <alias>', 'the alias to move').default('champion'))
    .option('--expected <version>', 'move it only if it points to this version')
    .option('--json', 'print the result as JSON');
}

async function listVersions(model: string, { json }: Json): Promise<void> {
  const versions = await open();
  const items = await allPages((page) => versions.list(model, page));
  if (json) return printJson({ model, items });
  const rows = items.map((version) => [
    version.id,
    (version.trainedAt ?? version.importedAt ?? 'unknown').slice(0, 16).replace('T', ' '),
    version.damaged ? 'damaged' : firstFigure(version.metrics),
    version.aliases.join(', '),
  ]);
  printTable(['version', 'made', 'on test rows', 'aliases'], rows);
}

async function compare(model: string, a: string, b: string, { json }: Json): Promise<void> {
  const comparison = await (await open()).compare(model, a, b);
  if (json) return printJson({ model, ...comparison });
  const { metrics, sameData, spec } = comparison;
  const number = (value?: number) => (value === undefined ? '' : String(+value.toPrecision(6)));
  const rows = Object.entries(metrics).map(([name, metric]) => [
    name,
    number(metric.a),
    number(metric.b),
    number(metric.difference),
  ]);
  printTable(['', comparison.a.id, comparison.b.id, 'difference'], rows);
  if (!sameData) print('\nThe test rows differ: the metrics are not comparable.');
  if (spec.length === 0) return print('\nThe specs are equal.');
  const text = (value: unknown) => (value === undefined ? 'nothing' : JSON.stringify(value));
  print(`\n${spec.map(({ path, ...of }) => `${path}: ${text(of.a)} -> ${text(of.b)}`).join('\n')}`);
}

function printTarget(model: string, alias: string, target: AliasTarget, json?: true): void {
  const { version, share, shadow } = target;
  const ofRequests = share === undefined ? '' : `, of ${share * 100}% of the requests`;
  if (json) printJson({ model, alias, ...target });
  else print(`${alias} of ${model} is version ${version}${shadow ? ', as a shadow' : ofRequests}`);
}
