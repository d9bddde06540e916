import { defined } from '../../core/defined.js';
import { takesNull } from '../../ml/encoding/features.js';
import { type EncodingStep, type Feature, LONGEST_NAME } from '../../ml/spec.js';
import { namedGaps, otherTextOf, remarkOnSpellings, remarksOnGaps } from './gaps.js';
import type { ColumnProfile } from './profiler.js';
import { remarkOnMarks, remarkOnSentinels } from './suspects.js';
import { flag } from './wording.js';

/** The draft of a column: a feature with its encoding, or none; and a remark. */
interface FeatureDraft {
  feature?: Feature;
  steps: EncodingStep[];
  remark?: string;
}

/** Maximum number of categories for one-hot encoding; more are embedded. */
const ONE_HOT_CATEGORIES = 16;
const MOST_CATEGORIES = 500;
/** Minimum number of rows of a category; rarer ones count as unknown. */
const LEAST_ROWS = 5;
/** Share of distinct values from which a column of text is an id. */
const ID_SHARE = 0.5;
/** Matches id, user_id, userId and USER ID, but not acid. */
const ID_NAME = /(^|[^A-Za-z])[Ii][Dd]$|[a-z]I[Dd]$/;
/** Intervals of the piecewise encoding: of one number, and of all together. */
const PIECES = 10;
const MOST_PIECES = 1000;

/** Chooses the number of intervals per column: the more columns, the fewer, to limit the inputs. */
export function piecesOf(columns: number): number {
  return Math.min(PIECES, Math.floor(MOST_PIECES / columns));
}

/** Drafts the feature of a column. */
export function draftFeature(column: ColumnProfile, pieces = PIECES): FeatureDraft {
  const known = column.rows - column.missing;
  if (column.name.length > LONGEST_NAME)
    return dropped(`has a name that is longer than ${LONGEST_NAME} characters`);
  if (known === 0) return dropped(whyNothing(column));
  if (column.values?.size === 1 && !isFlag(column)) return dropped('is the same in every row');
  switch (column.reading.kind) {
    case 'number':
      return draftNumber(column, pieces);
    case 'datetime':
      return draftDatetime(column);
    case 'category':
      return draftCategory(column);
  }
}

/** Explains a column without any value, or without one of the given kind. */
function whyNothing({ odd, reading }: ColumnProfile): string {
  if (odd.size === 0) return 'is empty';
  return `has no ${reading.kind === 'number' ? 'numbers' : 'dates'}`;
}

/** Returns whether a column has one value or blanks, as Y or blank: a gap is the other value. */
function isFlag({ rows, missing }: ColumnProfile): boolean {
  return Math.min(missing, rows - missing) >= LEAST_ROWS;
}

/** Drafts the encoding of a declared feature. Its kind is as declared, regardless of its values. */
export function draftDeclared(
  feature: Feature,
  column: ColumnProfile,
  pieces = PIECES,
): FeatureDraft {
  const { name } = feature;
  const missing: EncodingStep = { encode: 'missing', feature: name };
  if (column.missing === column.rows) return dropped('is empty');
  switch (feature.kind) {
    case 'number':
      if (countsRows(column)) return dropped('counts the rows');
      return {
        feature,
        steps: [numberSteps(column, pieces), feature.missing ? missing : []].flat(),
      };
    case 'datetime':
      return { feature, steps: [datetimeSteps(column), takesNull(feature) ? missing : []].flat() };
    case 'category':
      return { feature, steps: [categoryStep(name, feature.categories.length)] };
    case 'image':
      return dropped('is an image');
  }
}

function draftNumber(column: ColumnProfile, pieces: number): FeatureDraft {
  const { name, missing, reading } = column;
  const guess = reading.isKindGiven ? undefined : rowNumber(column);
  if (guess !== undefined)
    return dropped(`${guess}; ${flag('kind', column.name, 'number')} keeps it`);
  const steps = numberSteps(column, pieces);
  const { unit, decimal } = reading;
  const mark = decimal === 'comma' ? decimal : undefined;
  const feature = { name, kind: 'number' as const, ...defined({ unit, decimal: mark }) };
  const notes = [...reading.notes, ...remarkOnSentinels(column), remarkOnZeros(column)];
  if (missing === 0) return { feature, steps, ...remarkOn(notes) };
  return {
    feature: { ...feature, missing: namedGaps(column), ...otherTextOf(column) },
    steps: [...steps, { encode: 'missing', feature: name }],
    ...remarkOn([...remarksOnGaps(column), ...notes]),
  };
}

/** Explains a column of numbers that only identify rows; undefined for one that can be learnt from. */
export function rowNumber(column: ColumnProfile): string | undefined {
  const { name, rows, missing, integers, values } = column;
  if (countsRows(column)) return 'counts the rows';
  if (column.unnamed && integers === rows - missing && isSpread(column))
    return 'has no name and holds whole numbers, like the index of a data frame';
  const isId = ID_NAME.test(name) && (values === undefined || values.size === rows);
  return isId && integers === rows ? 'is an id: each row has a different number' : undefined;
}

/** Returns whether numbers are distinct as in an index; that of concatenated data frames repeats a few times. */
function isSpread({ values, rows, missing }: ColumnProfile): boolean {
  return values === undefined || values.size > (rows - missing) / 10;
}

/** Remarks on codes such as 00501, which are read as numbers. */
function remarkOnZeros(column: ColumnProfile): string | false {
  const { values, reading } = column;
  const code =
    !reading.isKindGiven && [...(values?.keys() ?? [])].find((text) => /^0\d+$/.test(text));
  if (!code) return false;
  return `${code} is read as ${Number(code)}; ${flag('kind', column.name, 'category')} takes it as a code`;
}

function countsRows({ counts, integers, rows }: ColumnProfile): boolean {
  return counts && integers === rows && rows > 2;
}

function numberSteps({ name, summary }: ColumnProfile, pieces: number): EncodingStep[] {
  const steps: EncodingStep[] = [{ encode: 'standard', feature: name }];
  if (isSkewed(summary)) steps.push({ encode: 'log', powers: { [name]: 1 } });
  if (pieces < 2) return steps;
  const shares = Array.from({ length: pieces + 1 }, (_, i) => i / pieces);
  const knots = [...new Set(shares.map((share) => summary.quantile(share)))];
  if (knots.length > 2) steps.push({ encode: 'piecewise', feature: name, knots });
  return steps;
}

/** Returns whether positive numbers reach far above their median. */
export function isSkewed(summary: ColumnProfile['summary']): boolean {
  return summary.minimum > 0 && summary.quantile(0.99) > 8 * summary.median;
}

function draftDatetime(column: ColumnProfile): FeatureDraft {
  const { name, missing, reading } = column;
  const steps = datetimeSteps(column);
  const { order } = reading;
  const notes = [...reading.notes, ...remarkOnSentinels(column)];
  const feature = { name, kind: 'datetime' as const, ...(order && { order }) };
  if (missing === 0) return { feature, steps, ...remarkOn(notes) };
  const words = namedGaps(column);
  return {
    feature: {
      ...feature,
      optional: true,
      ...(words.length > 0 && { missing: words }),
      ...otherTextOf(column),
    },
    steps: [...steps, { encode: 'missing', feature: name }],
    ...remarkOn([...remarksOnGaps(column), ...notes]),
  };
}

function datetimeSteps({ name, hasTime }: ColumnProfile): EncodingStep[] {
  const periods = ['year', 'week', ...(hasTime ? ['day'] : [])] as ('year' | 'week' | 'day')[];
  return [
    { encode: 'standard', feature: name },
    ...periods.map(
      (period): EncodingStep => ({ encode: 'cyclic', feature: name, period, harmonics: 2 }),
    ),
  ];
}

/** Returns whether a column has too many distinct values for categories. */
function isText({ reading, values, rows, missing }: ColumnProfile): boolean {
  if (reading.kind !== 'category') return false;
  return (values?.size ?? Infinity) > Math.max(ONE_HOT_CATEGORIES, ID_SHARE * (rows - missing));
}

/** Returns whether most rows of a column of categories would be left out or count as unknown. */
export function isMostlyRare(column: ColumnProfile): boolean {
  const { values, rows, missing } = column;
  if (isText(column)) return true;
  if (column.reading.kind !== 'category' || !values || values.size <= ONE_HOT_CATEGORIES)
    return false;
  const rare = [...values.values()].filter((count) => count < LEAST_ROWS);
  return rare.reduce((sum, count) => sum + count, 0) > (rows - missing) / 2;
}

function draftCategory(column: ColumnProfile): FeatureDraft {
  const { name, missing, values = new Map<string, number>(), reading } = column;
  if (isText(column))
    return dropped(
      ['is text or an id: nearly all values are distinct', ...notesOf(reading)].join('; '),
    );
  const frequent = [...values]
    .filter(([, count]) => values.size <= ONE_HOT_CATEGORIES || count >= LEAST_ROWS)
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, MOST_CATEGORIES);
  if (frequent.length === 0)
    return dropped(
      ['has only values that are too rare to learn from', ...reading.notes].join('; '),
    );
  const categories = frequent.map(([value]) => value).toSorted();
  const unknown =
    missing > 0 || categories.length > ONE_HOT_CATEGORIES || frequent.length < values.size;
  const words = (reading.missing ?? []).filter((word) => column.words.has(word));
  return {
    feature: {
      name,
      kind: 'category',
      categories,
      ...(unknown ? { unknown } : {}),
      ...(words.length > 0 && { missing: words }),
    },
    steps: [categoryStep(name, categories.length)],
    ...remarkOn([
      ...reading.notes,
      ...remarkOnSpellings(values.keys()),
      ...remarkOnMarks(column, 'value'),
      categories.length > ONE_HOT_CATEGORIES && (reading.unread ?? false),
      categories.length > ONE_HOT_CATEGORIES && `has ${values.size} distinct values: embedded`,
      frequent.length < values.size &&
        `${values.size - frequent.length} rare values count as unknown`,
      ...remarksOnGaps(column),
    ]),
  };
}

function categoryStep(feature: string, categories: number): EncodingStep {
  if (categories <= ONE_HOT_CATEGORIES) return { encode: 'oneHot', feature };
  return { encode: 'embedding', feature, size: Math.min(8, Math.ceil(Math.log2(categories))) };
}

/** Returns the notes on a column, and the remark on its unreadable values. */
export function notesOf({ notes, unread }: ColumnProfile['reading']): string[] {
  return [...notes, ...(unread ? [unread] : [])];
}

function remarkOn(remarks: readonly (string | false)[]): { remark?: string } {
  const all = remarks.filter((remark) => remark !== false);
  return all.length === 0 ? {} : { remark: all.join('; ') };
}

function dropped(why: string): FeatureDraft {
  return { steps: [], remark: `left out: it ${why}` };
}
