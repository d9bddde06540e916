import type { Feature } from '../../ml/spec.js';
import type { ColumnProfile } from './profiler.js';

/** Strength from which a single feature is suspected to leak the target. */
const SUSPECT = 0.98;
/** Minimum number of rows per group, since smaller ones explain the target by chance. */
const LEAST_ROWS_A_GROUP = 5;

/**
 * Decides whether a feature may leak the target.
 * @returns a warning, or undefined
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
          // A gap alone may leak it, as in a column that is filled when a claim is paid.
          ...(rows.length < known.length ? [groupedPurity(column.gaps, target, known)] : []),
        ];
  const strength = Math.max(...strengths.filter((each) => !Number.isNaN(each)));
  if (!(strength >= SUSPECT)) return undefined;
  return `it alone predicts "${target.name}" almost perfectly (${strength.toFixed(3)} of 1): is it known before the target?`;
}

type Rows = readonly number[];

/** Computes Spearman's rank correlation. */
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

/** Measures how well a number separates classes, from 0 to 1: the worst of all neighbouring pairs. */
function classSeparation(column: ColumnProfile, target: ColumnProfile, rows: Rows): number {
  const classes = group(rows, (row) => target.sample[row]!)
    .map((members) => members.map((row) => column.ranks[row]!))
    .sort((a, b) => average(a) - average(b));
  const grouped = classes.reduce((sum, { length }) => sum + length, 0);
  if (classes.length < 2 || classes.length > 20 || grouped < 0.9 * rows.length) return 0;
  return Math.min(...classes.slice(1).map((upper, i) => separation(classes[i]!, upper)));
}

/** Measures how often a number of one group is the larger: 1 is always, 0 is by chance. */
function separation(lower: readonly number[], upper: readonly number[]): number {
  const sum = ranks([...lower, ...upper])
    .subarray(lower.length)
    .reduce((total, rank) => total + rank, 0);
  const area = (sum - (upper.length * (upper.length - 1)) / 2) / (lower.length * upper.length);
  return Math.abs(2 * area - 1);
}

/** Computes the share of a number's variance between groups (eta squared). */
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

/** Computes the share of the most frequent class's errors that the groups' most frequent classes correct. */
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

/** Computes 0-based ranks; equal values share their mean. */
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
