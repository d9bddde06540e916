import { describeColumns } from '../../csv/header.js';
import {
  type Hyperparameters,
  LONGEST_NAME,
  type Network,
  type Spec,
  type TrainableSpec,
} from '../../ml/spec.js';
import type { CsvSource } from '../../rows/source.js';
import { Remarks } from '../../rows/text/reading.js';
import { draftFeature, isMostlyRare, piecesOf } from './features.js';
import { questionsOn } from './gaps.js';
import { checkHints, remarksOnIdleWords } from './hints.js';
import { leakageOf } from './leakage.js';
import { questionsOnMixture } from './mixed.js';
import { profileCsv } from './profile.js';
import type { ColumnProfile } from './profiler.js';
import type { Hints } from './reading.js';
import { remarksOnStrayRows } from './stray-rows.js';
import { describeTarget, distinctValues, inferTask, isMostlyOne, remarksOnTask } from './target.js';
import { flag, refusal } from './wording.js';

/** A spec inferred from data. */
export interface Draft {
  spec: TrainableSpec;
  rows: number;
  /** Inferences about the format of the data. */
  fileRemarks: readonly string[];
  /** Remarks on columns, by name. */
  remarks: { column: string; remark: string }[];
  /** Features that may leak the target. */
  warnings: { column: string; warning: string }[];
}

export interface DraftOptions {
  name: string;
  target: string;
  /** Inferred if omitted. */
  task?: 'regression' | 'classification';
  /** Columns to ignore. */
  leaveOut?: readonly string[];
  /** Hints by column name. */
  hints?: Readonly<Record<string, Hints>>;
}

const RESERVED = '__proto__';
const LEAST_ROWS = 50;
/** Maximum number of features in a description. */
const MOST_NAMED = 30;

/**
 * Infers a spec from a CSV file: features and their kinds, target, task, encoding, network.
 * @throws LapidaryError `invalid_dataset` if the data cannot be learnt from, with the reason
 */
export async function draftSpec(source: CsvSource, options: DraftOptions): Promise<Draft> {
  const file = new Remarks();
  const columns = await profileCsv(source, options.hints, file.add);
  for (const name of Object.keys(options.hints ?? {})) findColumn(columns, name);
  const kept = columns.filter(({ name }) => !options.leaveOut?.includes(name));
  refuseTwins(kept);
  refuseReserved(kept);
  const target = findTarget(columns, options.target);
  const named = (options.leaveOut ?? []).map((name) => findColumn(columns, name));
  const task = options.task ?? inferTask(target);
  const remarks: Draft['remarks'] = [];
  const warnings: Draft['warnings'] = [];
  const leaveOut = new Set([target, ...named].map(({ name }) => name));
  const used = columns.filter(({ name }) => !leaveOut.has(name));
  checkHints(columns, target, options);
  const questions = [
    ...[target, ...used].flatMap((column) => questionsOn(column, column === target)),
    ...used.filter(isMostlyRare).flatMap(questionsOnMixture),
  ];
  if (questions.length > 0) throw refusal(questions.join('; '));
  for (const remark of remarksOnStrayRows(columns)) file.add(remark);
  const blank = used.filter(isBlank).map(({ name }) => name);
  if (blank.length > 0)
    remarks.push({ column: blank.join(', '), remark: 'left out: no name, no values' });
  const drafts = used
    .filter((column) => !isBlank(column))
    .map((column) => {
      const { feature, steps, remark } = draftFeature(column, piecesOf(used.length));
      const found = [remark, ...remarksOnIdleWords(column, options)].filter(Boolean).join('; ');
      if (found !== '') remarks.push({ column: column.name, remark: found });
      const leak = feature && leakageOf(feature, column, target, task);
      if (leak) warnings.push({ column: column.name, warning: leak });
      return { feature, steps };
    });
  const features = drafts.flatMap(({ feature }) => feature ?? []);
  if (features.length === 0) throw refusal('no column can be learnt from', remarks);
  const rows = target.rows - target.missing;
  const described = describeTarget(target, task);
  const onTask = options.task ? [] : remarksOnTask(target, task);
  const onWords = remarksOnIdleWords(target, options);
  const onTarget = [described.remark, ...onTask, ...onWords]
    .filter((remark) => remark !== '')
    .join('; ');
  if (onTarget !== '') remarks.push({ column: target.name, remark: onTarget });
  const spec: TrainableSpec = {
    name: options.name,
    title: titleOf(options.name),
    description: `Predicts ${target.name} from ${describeNames(features)}.`,
    task,
    features,
    target: described.target,
    encoding: drafts.flatMap(({ steps }) => steps),
    network: chooseNetwork(rows),
    hyperparameters: {
      ...chooseHyperparameters(rows, task),
      ...(isMostlyOne(target, task) && { loss: 'meanSquaredError' as const }),
    },
  };
  return { spec, rows: target.rows, fileRemarks: file.all, remarks, warnings };
}

function describeNames(features: readonly { name: string }[]): string {
  const named = features.slice(0, MOST_NAMED).map(({ name }) => name);
  const more = features.length - named.length;
  return [...named, ...(more > 0 ? [`${more} more`] : [])].join(', ');
}

/** Refuses columns of the same name, since a spec refers to columns by name. */
function refuseTwins(columns: readonly ColumnProfile[]): void {
  const twin = columns.find(({ name }, i) =>
    columns.some((other, j) => j < i && other.name === name),
  );
  if (!twin) return;
  const detail = `two columns are called ${twin.name}: rename one of them, or leave both out with --leave-out "${twin.name}"`;
  throw refusal(detail);
}

/** Refuses a name that cannot be a key in JSON. */
function refuseReserved(columns: readonly ColumnProfile[]): void {
  if (columns.some(({ name }) => name === RESERVED))
    throw refusal(
      `column ${RESERVED} cannot be a key in JSON requests: rename it, or leave it out with --leave-out ${RESERVED}`,
    );
}

/** Returns whether a column is empty and unnamed, as after delimiters at the ends of lines. */
function isBlank({ unnamed, missing, rows }: ColumnProfile): boolean {
  return unnamed && missing === rows;
}

function findColumn(columns: readonly ColumnProfile[], name: string): ColumnProfile {
  const found = columns.find((column) => column.name === name);
  if (found) return found;
  const names = describeColumns(columns.map((column) => column.name));
  throw refusal(`column not found: "${name}"; ${names}`);
}

export function findTarget(columns: readonly ColumnProfile[], name: string): ColumnProfile {
  const target = findColumn(columns, name);
  if (name.length > LONGEST_NAME)
    throw refusal(`the target's name is longer than ${LONGEST_NAME} characters`);
  const rows = target.rows - target.missing;
  if (target.rows === 0) throw refusal('the file has no rows below the header');
  refuseSame(target);
  if (rows < LEAST_ROWS)
    throw refusal(`${rows} rows have a ${name}; at least ${LEAST_ROWS} are needed`);
  return target;
}

function refuseSame(target: ColumnProfile): void {
  const { name, missing } = target;
  const [value, other] = target.values ? distinctValues(target).keys() : [];
  if (value === undefined || other !== undefined) return;
  const others = Number.isNaN(Number(value)) ? ['no', 'yes'] : ['0', '1'];
  const word = others.find((each) => each !== value.toLowerCase())!;
  throw refusal(
    missing > 0
      ? `${name} is ${JSON.stringify(value)} in every row that has one: ${flag('blank', name, word)}, or "blank" of the target in a spec or dataset schema, makes the blank rows a class, ${word}`
      : `${name} is the same in every row`,
  );
}

/** Chooses the network that was best on data of this size: the fewer rows, the more members. */
export function chooseNetwork(rows: number): Network {
  const hidden = hiddenFor(rows);
  return {
    hidden,
    activation: 'swish',
    dropout: rows < 10_000 ? 0.1 : 0,
    members: rows < 10_000 ? 4 : 2,
  };
}

function hiddenFor(rows: number): number[] {
  if (rows < 1000) return [16];
  if (rows < 3000) return [32, 16];
  // It takes as many steps as with more rows, so it can be wide; early stopping limits overfitting.
  return rows < 10_000 ? [128, 64] : [64, 32, 16];
}

export function chooseHyperparameters(rows: number, task: Spec['task']): Hyperparameters {
  const isSmall = rows < 2000;
  const batchSize = isSmall ? 64 : rows < 20_000 ? 128 : 256;
  const most = isSmall ? 80 : 150;
  const epochs = Math.round(Math.min(most, Math.max(15, (6000 * batchSize) / rows)));
  return {
    epochs,
    batchSize,
    learningRate: isSmall ? 0.01 : 0.005,
    warmup: 0.05,
    beta2: 0.99,
    averaging: 0.99,
    validation: isSmall ? 0.15 : 0.1,
    patience: Math.max(8, Math.round(epochs / 4)),
    weightDecay: 0.02,
    loss: task === 'regression' ? 'meanAbsoluteError' : 'crossEntropy',
    seed: 42,
  };
}

export function titleOf(name: string): string {
  return (name[0]!.toUpperCase() + name.slice(1)).replaceAll('-', ' ');
}
