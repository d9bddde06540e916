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
  const truths = target.sample;
  const known = column.sample
    .map((text, row) => [text, truths[row]!] as const)
    .filter(([, truth]) => !target.reader.isGap(truth));
  const pairs = known.filter(([text]) => !column.reader.isGap(text));
  if (known.length < 20 || feature.kind === 'image') return undefined;
  const numeric = (text: string) => column.reader.rank(text) || 0;
  const truth = (text: string) => target.reader.rank(text) || 0;
  const gaps = known.map(([text, y]) => [column.reader.isGap(text) ? '' : 'known', y] as const);
  const strengths =
    feature.kind === 'category'
      ? [task === 'regression' ? groupedVariance(pairs, truth) : groupedPurity(pairs)]
      : [
          task === 'regression'
            ? Math.abs(rankCorrelation(pairs, numeric, truth))
            : classSeparation(pairs, numeric),
        ];
  if (task === 'classification' && pairs.length < known.length) strengths.push(groupedPurity(gaps));
  const strength = Math.max(...strengths.filter((each) => !Number.isNaN(each)));
  if (!(strength >= SUSPECT)) return undefined;
  return `it alone tells "${target.name}" almost surely (${strength.toFixed(3)} of 1): was it known before?`;
}

type Pairs = readonly (readonly [text: string, truth: string])[];
type Numeric = (text: string) => number;

/** Spearman's rank correlation. */
function rankCorrelation(pairs: Pairs, numeric: Numeric, truth: Numeric): number {
  const x = ranks(pairs.map(([text]) => numeric(text)));
  const y = ranks(pairs.map(([, text]) => truth(text)));
  const middle = (pairs.length - 1) / 2;
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < pairs.length; i++) {
    xy += (x[i]! - middle) * (y[i]! - middle);
    xx += (x[i]! - middle) ** 2;
    yy += (y[i]! - middle) ** 2;
  }
  return xy / Math.sqrt(xx * yy);
}

/** How well a number tells classes apart, from 0 to 1: of those that follow each other by it, the two that it tells worst. */
function classSeparation(pairs: Pairs, numeric: Numeric): number {
  const classes = group(pairs.map(([text, truth]) => [truth, text]))
    .map((texts) => texts.map(numeric))
    .sort((a, b) => average(a) - average(b));
  const rows = classes.flat();
  if (classes.length < 2 || classes.length > 20 || rows.length < 0.9 * pairs.length) return 0;
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
function groupedVariance(pairs: Pairs, numeric: Numeric): number {
  const groups = group(pairs).map((truths) => truths.map(numeric));
  const rows = groups.flat();
  if (rows.length < 0.9 * pairs.length) return 0;
  const mean = average(rows);
  const total = rows.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const between = groups.reduce(
    (sum, values) => sum + values.length * (average(values) - mean) ** 2,
    0,
  );
  return between / total;
}

/** How much of what the commonest class gets wrong the groups' commonest classes get right. */
function groupedPurity(pairs: Pairs): number {
  const groups = group(pairs);
  const rows = groups.flat();
  if (rows.length < 0.9 * pairs.length) return 0;
  const right = groups.reduce((sum, truths) => sum + commonest(truths), 0);
  const prior = commonest(rows);
  return (right - prior) / (rows.length - prior);
}

function group(pairs: Pairs): string[][] {
  const groups = new Map<string, string[]>();
  for (const [text, truth] of pairs) {
    const members = groups.get(text);
    if (members) members.push(truth);
    else groups.set(text, [truth]);
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
