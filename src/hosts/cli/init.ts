import { join, relative } from 'node:path';
import type { Draft } from '../../training/draft/draft.js';
import type { TrainingEvent, TrainingService } from '../../training/service.js';
import { format, print, table } from './output.js';
import { train } from './train.js';
import { verdict } from './verdict.js';

export interface InitOptions {
  data: string;
  target: string;
  task?: 'regression' | 'classification';
  leaveOut?: string[];
  replace?: true;
  /** False with `--no-train`. */
  train: boolean;
  json?: true;
}

/** Makes a model of a CSV file: looks at it, writes a spec, trains, and says whether it was worth it. */
export async function init(
  training: TrainingService,
  directory: string,
  name: string,
  options: InitOptions,
): Promise<void> {
  const { data, target, task, leaveOut, replace, json } = options;
  const drafting = { name, target, ...(task && { task }), ...(leaveOut && { leaveOut }) };
  const draft = await training.init(data, drafting, replace === true);
  if (json) print(JSON.stringify({ event: 'drafted', ...draft }));
  else describe(relative('.', join(directory, name, 'spec.json')), draft);
  if (!options.train) return;
  const published = await train(training, name, json === true);
  if (!json) conclude(name, published);
}

function describe(path: string, { spec, rows, remarks, warnings }: Draft): void {
  const { classes } = spec.target;
  const what = classes ? `one of ${classes.length} classes` : 'a number';
  print(
    `${format(rows)} rows; "${spec.target.name}" is ${what}, from ${spec.features.length} features:\n`,
  );
  print(table(spec.features.map((feature) => [feature.name, describeFeature(feature)])));
  if (remarks.length > 0) print('');
  for (const { column, remark } of remarks) print(`${column}: ${remark}`);
  for (const { column, warning } of warnings) print(`WARNING ${column}: ${warning}`);
  print(`\nwritten: ${path} (change it as you like and train again)\n`);
}

function describeFeature(feature: Draft['spec']['features'][number]): string {
  return feature.kind === 'category'
    ? `one of ${feature.categories.length} categories`
    : feature.kind;
}

function conclude(name: string, { card }: Extract<TrainingEvent, { event: 'published' }>): void {
  print(`\n${verdict(card.metrics)}`);
  print(`\nnpm start serves it at /models/${name}/predictions`);
}
