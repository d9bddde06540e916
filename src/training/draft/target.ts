import { defined } from '../../core/defined.js';
import { NUMBER } from '../../ml/encoding/words.js';
import type { Spec, Target } from '../../ml/spec.js';
import { FAR_TARGET } from '../../ml/statistics.js';
import { isSkewed, notesOf, rowNumber } from './features.js';
import { namedGaps, otherTextOf, remarkOnSpellings, remarksOnTargetGaps } from './gaps.js';
import type { ColumnProfile } from './profiler.js';
import { remarkOnMarks, remarkOnSentinels } from './suspects.js';
import { refusal, share } from './wording.js';

const MOST_CLASSES = 100;
/** Maximum number of distinct numbers that are classes. */
const FEW_NUMBERS = 10;
/** Share below which a class is remarked on. */
const RARE = 0.05;

/** Infers whether a column has numbers to predict, or classes. */
export function inferTask(column: ColumnProfile): Spec['task'] {
  const { integers, numbers, values, reading } = column;
  if (reading.kind !== 'number') return 'classification';
  const isFew = values !== undefined && distinctValues(column).size <= FEW_NUMBERS;
  return isFew && integers === numbers ? 'classification' : 'regression';
}

/** Returns whether an amount is the same in most rows, as 0 in claims: the mean is then learnt, not the median. */
export function isMostlyOne({ summary }: ColumnProfile, task: Spec['task']): boolean {
  return task === 'regression' && summary.sameShare > 0.5;
}

/** Remarks on an inferred task: few distinct numbers may be amounts or classes. */
export function remarksOnTask(column: ColumnProfile, task: Spec['task']): string[] {
  const { reading, values } = column;
  if (reading.isKindGiven) return [];
  if (reading.kind === 'datetime')
    return ['its dates are taken as classes; convert them to numbers of days to predict a date'];
  const count = values && reading.kind === 'number' ? distinctValues(column).size : Infinity;
  if (count > FEW_NUMBERS || (task === 'classification' && count === 2)) return [];
  return task === 'classification'
    ? [`its ${count} numbers are taken as classes; --task regression predicts them as amounts`]
    : [`its ${count} numbers are taken as amounts; --task classification takes them as classes`];
}

/**
 * Drafts the target of a column.
 * @throws LapidaryError `invalid_dataset` if it cannot be predicted
 */
export function describeTarget(
  column: ColumnProfile,
  task: Spec['task'],
): { target: Target; remark: string } {
  const { target, remarks } =
    task === 'regression' ? describeNumber(column) : describeClasses(column);
  const { blank } = column.reading;
  const onBlank = blank === undefined ? [] : [`its blanks are read as ${JSON.stringify(blank)}`];
  return {
    target: { ...target, ...(blank !== undefined && { blank }) },
    remark: [...onBlank, ...remarksOnTargetGaps(column), ...remarks].join('; '),
  };
}

function describeNumber(column: ColumnProfile): { target: Target; remarks: readonly string[] } {
  const { name, reading, summary } = column;
  if (reading.kind !== 'number') {
    const found = notesOf(reading).length > 0 ? `: ${notesOf(reading).join('; ')}` : '';
    throw refusal(`${name} is not a number in every row${found}`);
  }
  const { unit, decimal, notes } = reading;
  const transform = isSkewed(summary) ? ('log' as const) : undefined;
  const target = {
    name,
    ...defined({ unit, decimal: decimal === 'comma' ? decimal : undefined, transform }),
    ...describeGaps(column, namedGaps(column)),
    ...otherTextOf(column),
  };
  return {
    target,
    remarks: [
      ...notes,
      ...remarkOnSentinels(column, 'class'),
      ...remarksOnFar(column, transform),
      ...remarksOnSame(column),
      ...remarksOnId(column),
    ],
  };
}

function remarksOnSame(column: ColumnProfile): string[] {
  const { median, sameShare, count } = column.summary;
  if (!isMostlyOne(column, 'regression')) return [];
  return [
    `it is ${median} in ${share(sameShare * count, count)} of the rows, so the mean is learnt (loss meanSquaredError), not the median`,
  ];
}

/** Remarks on numbers that only identify rows. */
function remarksOnId(column: ColumnProfile): string[] {
  const { values, rows, missing, integers } = column;
  const known = rows - missing;
  const isDistinct = integers === known && (values === undefined || values.size === known);
  const guess =
    rowNumber(column) ?? (isDistinct && 'has a different integer in each row, as ids have');
  return guess ? [`${guess}: a value that only identifies rows cannot be predicted`] : [];
}

/** Remarks on numbers so far beyond the others that training clips them. */
function remarksOnFar({ summary, extremes }: ColumnProfile, transform?: 'log'): string[] {
  const learnt = (value: number) => (transform === 'log' ? Math.log(value) : value);
  const { range } = summary.mapped(learnt).scale(FAR_TARGET);
  if (!range || !extremes) return [];
  const far = extremes.filter(({ value }) => learnt(value) < range[0] || learnt(value) > range[1]);
  const places = far.map(({ value, line }) => `line ${line} has ${value}`).join(', ');
  return [
    `${places}: far beyond the others and clipped in training; correct it if it is a mistake`,
  ];
}

function describeClasses(column: ColumnProfile): { target: Target; remarks: readonly string[] } {
  const { name, rows, reading, reader, values } = column;
  const counts = values && distinctValues(column);
  if (!counts || counts.size > MOST_CLASSES) {
    const found = notesOf(reading).map((note) => `; ${note}`);
    throw refusal(
      `${name} has ${counts?.size ?? 'too many'} different values; at most ${MOST_CLASSES} can be classes${found.join('')}`,
    );
  }
  const classes = [...counts.keys()].toSorted(
    (a, b) =>
      (reading.kind === 'number' && reader.number(a) - reader.number(b)) || (a < b ? -1 : 1),
  );
  const [rarest, count] = [...counts].reduce((least, entry) =>
    entry[1] < least[1] ? entry : least,
  );
  const remarks = [
    ...(reading.kind === 'category' ? reading.notes : []),
    ...(count < RARE * rows ? [`"${rarest}" is only ${share(count, rows)} of the rows`] : []),
    ...remarkOnSpellings(counts.keys()),
    ...remarkOnSentinels(column, 'class'),
    ...remarkOnMarks(column, 'class'),
  ];
  return {
    target: { name, classes, ...describeGaps(column, namedGaps(column, 'class')) },
    remarks,
  };
}

/** Returns the missing words of the target, including those of the hints that are missing by default. */
function describeGaps({ missing, reading, words }: ColumnProfile, named: readonly string[]) {
  const declared = (reading.missing ?? []).filter((word) => words.has(word));
  const all = [...new Set([...named, ...declared])];
  return {
    ...(missing > 0 && { optional: true }),
    ...(all.length > 0 && { missing: all }),
  };
}

/** Counts each value; equal numbers share their most frequent spelling: 1 and 1.0 are one. */
export function distinctValues({
  reading,
  values = new Map(),
}: ColumnProfile): Map<string, number> {
  if (reading.kind !== 'number' || ![...values.keys()].every((text) => NUMBER.test(text)))
    return values;
  const spellings = new Map<number, [text: string, count: number][]>();
  for (const entry of values) {
    const number = Number(entry[0]);
    spellings.set(number, [...(spellings.get(number) ?? []), entry]);
  }
  return new Map(
    [...spellings.values()].map((spelt) => {
      const [commonest] = spelt.toSorted(([, a], [, b]) => b - a)[0]!;
      return [commonest, spelt.reduce((sum, [, count]) => sum + count, 0)];
    }),
  );
}
