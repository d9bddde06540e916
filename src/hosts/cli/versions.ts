import { figuresOf, table } from '../../cards/index.js';
import type { VersionSummary } from '../../registry/index.js';
import type { AliasTarget } from '../../registry/port.js';
import type { VersionService } from '../../registry/service.js';
import { allPages } from './all-pages.js';
import { print } from './output.js';

/** Options of the commands that move an alias. */
export interface MoveOptions {
  alias: string;
  /** The version that the alias must point to before the move. */
  expected?: string;
  json?: true;
}

/** Options of `promote`. */
export interface PromoteOptions extends MoveOptions {
  share?: number;
  shadow?: true;
}

/** Lists a model's versions, newest first. */
export async function versions(
  service: VersionService,
  model: string,
  json: boolean,
): Promise<void> {
  const items = await allPages((page) => service.list(model, page));
  if (json) return print(JSON.stringify({ model, items }, null, 2));
  const rows = items.map((version) => [
    version.id,
    timeOf(version),
    version.damaged ? 'damaged' : firstFigure(version),
    version.aliases.join(', '),
  ]);
  print(table([['version', 'made', 'on test rows', 'aliases'], ...rows]));
}

/** Points an alias to a version. */
export async function promote(
  service: VersionService,
  model: string,
  version: string,
  { alias, expected, json, ...how }: PromoteOptions,
): Promise<void> {
  printTarget(
    model,
    alias,
    await service.promote(model, alias, { version, ...how }, expected),
    json,
  );
}

/** Points an alias to its previous target. */
export async function rollback(
  service: VersionService,
  model: string,
  { alias, expected, json }: MoveOptions,
): Promise<void> {
  printTarget(model, alias, await service.rollback(model, alias, expected), json);
}

/** Prints two versions side by side. */
export async function compare(
  service: VersionService,
  model: string,
  names: readonly [string, string],
  json: boolean,
): Promise<void> {
  const comparison = await service.compare(model, ...names);
  if (json) return print(JSON.stringify({ model, ...comparison }, null, 2));
  const { a, b, metrics, sameData, spec } = comparison;
  const number = (value?: number) => (value === undefined ? '' : String(+value.toPrecision(6)));
  const rows = Object.entries(metrics).map(([name, metric]) => [
    name,
    number(metric.a),
    number(metric.b),
    number(metric.difference),
  ]);
  print(table([['', a.id, b.id, 'difference'], ...rows]));
  if (!sameData) print('\nThe test rows differ: the metrics are not comparable.');
  if (spec.length === 0) return print('\nThe specs are equal.');
  const text = (value: unknown) => (value === undefined ? 'nothing' : JSON.stringify(value));
  print(`\n${spec.map(({ path, ...of }) => `${path}: ${text(of.a)} -> ${text(of.b)}`).join('\n')}`);
}

function printTarget(
  model: string,
  alias: string,
  target: AliasTarget,
  json: true | undefined,
): void {
  const { version, share, shadow } = target;
  const how = shadow
    ? ', as a shadow'
    : share === undefined
      ? ''
      : `, of ${share * 100}% of the requests`;
  const text = `${alias} of ${model} is version ${version}${how}`;
  print(json ? JSON.stringify({ model, alias, ...target }, null, 2) : text);
}

const timeOf = ({ trainedAt, importedAt }: VersionSummary) =>
  (trainedAt ?? importedAt ?? 'unknown').slice(0, 16).replace('T', ' ');

function firstFigure({ metrics }: VersionSummary): string {
  const [figure] = metrics ? Object.entries(figuresOf(metrics)) : [];
  return figure?.join(' ') ?? 'unknown';
}
