import { join, relative } from 'node:path';
import { format, table, verdict } from '../../cards/index.js';
import { defined } from '../../core/defined.js';
import type { Reading } from '../../rows/text/reading.js';
import type { Draft, TrainingEvent, Workbench } from '../../training/index.js';
import { readHints } from './hints.js';
import { print } from './output.js';
import { train } from './train.js';

export interface InitOptions extends Omit<Reading, 'decimal'> {
  data: string;
  target: string;
  task?: 'regression' | 'classification';
  leaveOut?: string[];
  kind?: string[];
  missing?: string[];
  value?: string[];
  blank?: string[];
  decimal?: string[];
  dateOrder?: string[];
  replace?: true;
  /** False with `--no-train`. */
  train: boolean;
  json?: true;
}

/** Makes a model from a CSV file: drafts a spec, trains, and compares the model with baselines. */
export async function init(
  training: Workbench,
  directory: string,
  name: string,
  options: InitOptions,
): Promise<void> {
  const { data, target, task, leaveOut, replace, json, charset, delimiter } = options;
  const hints = readHints(options);
  const drafting = { name, target, hints, ...(task && { task }), ...(leaveOut && { leaveOut }) };
  const reading = defined({ charset, delimiter });
  const draft = await training.init(data, drafting, replace === true, reading);
  if (json) print(JSON.stringify({ event: 'drafted', ...draft }));
  else describe(relative('.', join(directory, name, 'spec.json')), draft);
  if (!options.train) return;
  const published = await train(training, name, json === true, draft.fileRemarks);
  if (!json) conclude(draft.spec, published);
}

/** Maximum number of features to print. */
const MOST_SHOWN = 100;

function describe(path: string, { spec, rows, fileRemarks, remarks, warnings }: Draft): void {
  for (const remark of fileRemarks) print(`file: ${remark}`);
  const { classes } = spec.target;
  const what = classes ? `one of ${classes.length} classes` : 'a number';
  print(
    `${format(rows)} rows; "${spec.target.name}" is ${what}, from ${countOf(spec.features.length, 'feature')}:\n`,
  );
  const shown = spec.features.slice(0, MOST_SHOWN);
  print(table(shown.map((feature) => [feature.name, describeFeature(feature)])));
  if (shown.length < spec.features.length)
    print(`and ${spec.features.length - shown.length} more: see the spec`);
  if (remarks.length > 0) print('');
  for (const { column, remark } of remarks) print(`${column}: ${remark}`);
  for (const { column, warning } of warnings) print(`WARNING ${column}: ${warning}`);
  print(`\nwritten: ${path} (edit it and train again)\n`);
}

function countOf(count: number, thing: string): string {
  return `${format(count)} ${thing}${count === 1 ? '' : 's'}`;
}

function describeFeature(feature: Draft['spec']['features'][number]): string {
  if (feature.kind === 'category') {
    const { length } = feature.categories;
    return length === 1 ? `"${feature.categories[0]}" or missing` : `one of ${length} categories`;
  }
  const unit = feature.kind === 'number' && feature.unit !== undefined ? ` in ${feature.unit}` : '';
  return feature.kind + unit;
}

function conclude(
  { name, hyperparameters }: Draft['spec'],
  { card }: Extract<TrainingEvent, { event: 'published' }>,
): void {
  const limits = card.remarks ? ' See the notes above for its limits.' : '';
  print(`\n${verdict(card.metrics, hyperparameters.loss)}${limits}`);
  print(`\nnpm start serves it at /models/${name}/predictions`);
}
