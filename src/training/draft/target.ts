import { NUMBER } from '../../ml/encoding/words.js';
import type { Spec, Target } from '../../ml/spec.js';
import { FAR_TARGET } from '../../ml/statistics.js';
import { isSkewed, rowNumber } from './features.js';
import { namedGaps, otherTextOf, remarkOnSpellings, remarksOnTargetGaps } from './gaps.js';
import type { ColumnProfile } from './profile.js';
import { refusal } from './refusal.js';
import { share } from './share.js';
import { remarkOnMarks, remarkOnSentinels } from './suspects.js';

const MOST_CLASSES = 100;
/** Numbers of no more different values than this are classes. */
const FEW_NUMBERS = 10;
/** A class of a smaller share is remarked on. */
const RARE = 0.05;

/** Whether a column holds numbers to predict, or classes. */
export function inferTask(column: ColumnProfile): Spec['task'] {
  const { integers, numbers, values, reading } = column;
  if (reading.kind !== 'number') return 'classification';
  const isFew = values !== undefined && distinctValues(column).size <= FEW_NUMBERS;
  return isFew && integers === numbers ? 'classification' : 'regression';
}

/** Whether an amount is the same in most rows, as 0 is of claims: the median tells nothing then, the mean does. */
export function isMostlyOne({ summary }: ColumnProfile, task: Spec['task']): boolean {
  return task === 'regression' && summary.sameShare > 0.5;
}

/** What a person should know of a task that was inferred: few different numbers may be amounts or classes. */
export function remarksOnTask(column: ColumnProfile, task: Spec['task']): string[] {
  const { reading, values } = column;
  if (reading.isKindSaid) return [];
  if (reading.kind === 'datetime')
    return ['its dates are taken as classes; make them numbers of days to predict one'];
  const count = values && reading.kind === 'number' ? distinctValues(column).size : Infinity;
  if (count > FEW_NUMBERS || (task === 'classification' && count === 2)) return [];
  return task === 'classification'
    ? [`its ${count} numbers are taken as classes; --task regression predicts them as amounts`]
    : [`its ${count} numbers are taken as amounts; --task classification takes them as classes`];
}

/**
 * Drafts the target that a column is.
 * @throws LapidaryError `invalid_dataset` when it cannot be one
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
    const notes = [...reading.notes, ...(reading.unread ? [reading.unread] : [])];
    const found = notes.length > 0 ? `: ${notes.join('; ')}` : '';
    throw refusal(`${name} is not a number in every row${found}`);
  }
  const { unit, decimal, notes } = reading;
  const transform = isSkewed(summary) ? ('log' as const) : undefined;
  const target = {
    name,
    ...(unit !== undefined && { unit }),
    ...(decimal === 'comma' && { decimal }),
    ...(transform && { transform }),
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

/** Numbers that only tell rows apart. */
function remarksOnId(column: ColumnProfile): string[] {
  const { values, rows, missing, integers } = column;
  const known = rows - missing;
  const isDistinct = integers === known && (values === undefined || values.size === known);
  const guess =
    rowNumber(column) ?? (isDistinct && 'has another whole number in each row, as ids have');
  return guess ? [`${guess}: what only tells rows apart cannot be predicted`] : [];
}

/** Numbers so far beyond the others that training does not take them as they are. */
function remarksOnFar({ summary, extremes }: ColumnProfile, transform?: 'log'): string[] {
  const learnt = (value: number) => (transform === 'log' ? Math.log(value) : value);
  const { range } = summary.mapped(learnt).scale(FAR_TARGET);
  if (!range || !extremes) return [];
  const far = extremes.filter(({ value }) => learnt(value) < range[0] || learnt(value) > range[1]);
  const places = far.map(({ value, line }) => `line ${line} has ${value}`).join(', ');
  return [
    `${places}: far beyond the others, learnt as the nearest of them; correct it if it is a mistake`,
  ];
}

function describeClasses(column: ColumnProfile): { target: Target; remarks: readonly string[] } {
  const { name, rows, reading, reader, values } = column;
  const counts = values && distinctValues(column);
  if (!counts || counts.size > MOST_CLASSES) {
    const notes = [...reading.notes, ...(reading.unread ? [reading.unread] : [])];
    const found = notes.length > 0 ? `; ${notes.join('; ')}` : '';
    throw refusal(
      `${name} has ${counts?.size ?? 'too many'} different values; at most ${MOST_CLASSES} can be classes${found}`,
    );
  }
  const classes = [...counts.keys()].toSorted((a, b) =>
    reading.kind === 'number' ? reader.number(a) - reader.number(b) : a < b ? -1 : 1,
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

/** Words that a person says mean that there is none are named, also where they mean so by themselves. */
function describeGaps({ missing, reading, words }: ColumnProfile, named: readonly string[]) {
  const said = (reading.missing ?? []).filter((word) => words.has(word));
  const all = [...new Set([...named, ...said])];
  return {
    ...(missing > 0 && { optional: true }),
    ...(all.length > 0 && { missing: all }),
  };
}

/** How often each value occurs; of plain numbers, each by the spelling that most rows have: 1 and 1.0 are one. */
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
