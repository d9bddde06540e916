import type { Feature } from '../../ml/spec.js';
import type { ColumnProfile } from './profile.js';

/** A feature that alone tells the target so well is either the very thing or was not known in time. */
const SUSPECT = 0.98;
/** Groups of fewer rows explain the target by chance. */
const LEAST_ROWS_A_GROUP = 5;

/**
 * Whether a feature looks as if it gave the target away.
 * @returns how, in words; undefined when it does not
 */
export function leakageOf(
  feature: Feature,
  column: ColumnProfile,
  target: ColumnProfile,
  task: 'regression' | 'classification',
): string | undefined {
  const known = [...column.sample.keys()].filter((row) => !target.gaps[row]);
  const rows = known.filter((row) => !column.gaps[row]);
  if (known.length < 20 || feature.kind === 'image') return undefined;
  const strengths =
    task === 'regression'
      ? [
          feature.kind === 'category'
            ? groupedVariance(column, target, rows)
            : Math.abs(rankCorrelation(column, target, rows)),
        ]
      : [
          feature.kind === 'category'
            ? groupedPurity(column.sample, target, rows)
            : classSeparation(column, target, rows),
          // A gap alone may give it away, as in a column that is filled when a claim is paid.
          ...(rows.length < known.length ? [groupedPurity(column.gaps, target, known)] : []),
        ];
  const strength = Math.max(...strengths.filter((each) => !Number.isNaN(each)));
  if (!(strength >= SUSPECT)) return undefined;
  return `it alone tells "${target.name}" almost surely (${strength.toFixed(3)} of 1): was it known before?`;
}

type Rows = readonly number[];

/** Spearman's rank correlation. */
function rankCorrelation(column: ColumnProfile, target: ColumnProfile, rows: Rows): number {
  const x = ranks(rows.map((row) => column.ranks[row]!));
  const y = ranks(rows.map((row) => target.ranks[row]!));
  const middle = (rows.length - 1) / 2;
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < rows.length; i++) {
    xy += (x[i]! - middle) * (y[i]! - middle);
    xx += (x[i]! - middle) ** 2;
    yy += (y[i]! - middle) ** 2;
  }
  return xy / Math.sqrt(xx * yy);
}

/** How well a number tells classes apart, from 0 to 1: of those that follow each other by it, the two that it tells worst. */
function classSeparation(column: ColumnProfile, target: ColumnProfile, rows: Rows): number {
  const classes = group(rows, (row) => target.sample[row]!)
    .map((members) => members.map((row) => column.ranks[row]!))
    .sort((a, b) => average(a) - average(b));
  const grouped = classes.reduce((sum, { length }) => sum + length, 0);
  if (classes.length < 2 || classes.length > 20 || grouped < 0.9 * rows.length) return 0;
  return Math.min(...classes.slice(1).map((upper, i) => separation(classes[i]!, upper)));
}

/** How surely a number of one group is the larger: 1 always, 0 as often as not. */
function separation(lower: readonly number[], upper: readonly number[]): number {
  const sum = ranks([...lower, ...upper])
    .subarray(lower.length)
    .reduce((total, rank) => total + rank, 0);
  const area = (sum - (upper.length * (upper.length - 1)) / 2) / (lower.length * upper.length);
  return Math.abs(2 * area - 1);
}

/** The share of the variance of a number that lies between the groups (eta squared). */
function groupedVariance(column: ColumnProfile, target: ColumnProfile, rows: Rows): number {
  const groups = group(rows, (row) => column.sample[row]!).map((members) =>
    members.map((row) => target.ranks[row]!),
  );
  const grouped = groups.flat();
  if (grouped.length < 0.9 * rows.length) return 0;
  const mean = average(grouped);
  const total = grouped.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const between = groups.reduce(
    (sum, values) => sum + values.length * (average(values) - mean) ** 2,
    0,
  );
  return between / total;
}

/** How much of what the commonest class gets wrong the groups' commonest classes get right. */
function groupedPurity(keys: readonly unknown[], target: ColumnProfile, rows: Rows): number {
  const groups = group(rows, (row) => keys[row]).map((members) =>
    members.map((row) => target.sample[row]!),
  );
  const grouped = groups.flat();
  if (grouped.length < 0.9 * rows.length) return 0;
  const right = groups.reduce((sum, truths) => sum + commonest(truths), 0);
  const prior = commonest(grouped);
  return (right - prior) / (grouped.length - prior);
}

function group(rows: Rows, keyOf: (row: number) => unknown): number[][] {
  const groups = new Map<unknown, number[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const members = groups.get(key);
    if (members) members.push(row);
    else groups.set(key, [row]);
  }
  return [...groups.values()].filter(({ length }) => length >= LEAST_ROWS_A_GROUP);
}

function commonest(values: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return Math.max(...counts.values());
}

/** 0-based ranks; equal values share their mean. */
function ranks(values: readonly number[]): Float64Array {
  const order = [...values.keys()].sort((a, b) => values[a]! - values[b]!);
  const ranked = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (let i = start; i < end; i++) ranked[order[i]!] = (start + end - 1) / 2;
    start = end;
  }
  return ranked;
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
