import { isMissingMark, isMissingWord } from './missing.js';

/** Whether decimals stand behind a point or a comma. */
export type DecimalMark = 'point' | 'comma';

/** A number as people write it. */
export interface WrittenNumber {
  value: number;
  /** What stands before or behind it: a currency, a unit, a percent sign; empty if nothing does. */
  unit: string;
  /** Which decimal mark it shows; `either` where the two readings differ, `none` where they agree. */
  shows: DecimalMark | 'either' | 'none';
}

/** How the numbers of a column are written. */
export interface NumberWriting {
  unit?: string | undefined;
  decimal?: DecimalMark | undefined;
  /** Numbers and words that mean unknown. */
  missing?: readonly (number | string)[] | undefined;
}

/** Hyphens and minus signs of all kinds; spreadsheets and typesetters have one each. */
const MINUS = '\\-\u2010-\u2013\u2212\uFE63\uFF0D';
const SIGN = `[+${MINUS}]`;
/** What may stand between thousands, beside the point or comma: spaces of all widths and apostrophes. */
const GAP = " '\u00A0\u2009\u202F\u2019";
const CURRENCY = '(?:[A-Z]{0,3}\\p{Sc}|[A-Z]{3}|[Rr]s\\.?|[Kk]r\\.?|[Ff]r\\.?)';
/** One word, or two short ones such as sq ft: more is text. */
const UNIT = '(?:[\\p{L}\\p{Sc}%‰°µ][\\p{L}\\p{Sc}%°²³·/.]{0,9}|\\p{L}{2,3}\\.? \\p{L}{2,3}\\.?)';
const WRITTEN = new RegExp(
  `^(${SIGN}?)\\s*(${CURRENCY})?\\s*(${SIGN}?)\\s*([.,]?\\d(?:[\\d.,${GAP}]*\\d)?\\.?)([eE][+-]?\\d+)?([${MINUS}])?\\s*(${UNIT})?$`,
  'u',
);
const IN_PARENTHESES = /^(.*)\((.+)\)(.*)$/s;
const CODES = new Set(Intl.supportedValuesOf('currency'));

/** Digits in groups of three, or as in India, then decimals. */
function digitsWith(group: string, mark: string): RegExp {
  const between = `[${group}${GAP}]`;
  return new RegExp(
    `^(?:\\d+|[1-9]\\d{0,2}(${between})\\d{3}(?:\\1\\d{3})*|[1-9]\\d?(?:${group}\\d{2})+${group}\\d{3})?(?:${mark}\\d*)?$`,
  );
}
const DIGITS = { point: digitsWith(',', '\\.'), comma: digitsWith('\\.', ',') } as const;

/**
 * Reads a number with thousands separated, a currency or a unit, a minus of any kind in front or, as SAP writes it,
 * behind, or in an accountant's parentheses. Where point and comma can both be the decimal mark, `decimal` decides; else the text does.
 * @returns undefined for text that is not a number, or is too large for a double
 */
export function readNumber(
  text: string,
  decimal: DecimalMark = 'point',
): WrittenNumber | undefined {
  const trimmed = text.trim();
  const owed = IN_PARENTHESES.exec(trimmed);
  const found = WRITTEN.exec(owed ? owed.slice(1).join('') : trimmed);
  if (!found) return undefined;
  const [, before, currency = '', behind, digits, exponent = '', after, suffix = ''] = found;
  const signs = [before, behind, after, owed && '-'].filter(Boolean);
  if (signs.length > 1 || (currency && suffix)) return undefined;
  // A whole number with a line behind it is an open range as soon as a negative number: since 2019-.
  if (after && !/[.,]/.test(digits!)) return undefined;
  if (/^[A-Z]{3}$/.test(currency) && !CODES.has(currency)) return undefined;
  const unit = (currency || suffix).trim();
  const read = {
    point: sizeOf(digits!, exponent, 'point'),
    comma: sizeOf(digits!, exponent, 'comma'),
  };
  const preferred = read[decimal];
  const size = Number.isNaN(preferred) ? read[decimal === 'point' ? 'comma' : 'point'] : preferred;
  if (!Number.isFinite(size)) return undefined;
  const [sign = '+'] = signs;
  return { value: sign === '+' ? size : -size, unit, shows: shown(read) };
}

function sizeOf(digits: string, exponent: string, decimal: DecimalMark): number {
  if (!DIGITS[decimal].test(digits)) return Number.NaN;
  const [whole, decimals = ''] = digits.split(decimal === 'point' ? '.' : ',');
  return Number(`${whole!.replace(/\D/g, '')}.${decimals}${exponent}`);
}

function shown({ point, comma }: Record<DecimalMark, number>): WrittenNumber['shows'] {
  if (Number.isNaN(comma)) return 'point';
  if (Number.isNaN(point)) return 'comma';
  return point === comma ? 'none' : 'either';
}

/**
 * How texts of a number feature or target are read.
 * @returns a function that gives null where the value is not known, undefined where it is no number
 */
export function numberText({ unit, decimal, missing = [] }: NumberWriting) {
  const words = new Set(missing.map(String));
  return (text: string): number | null | undefined => {
    const word = text.trim();
    if (words.has(word) || isMissingWord(word) || isMissingMark(word)) return null;
    const written = readNumber(word, decimal);
    return written && (written.unit === '' || written.unit === unit) ? written.value : undefined;
  };
}

/** The numbers that mean unknown: a sentinel may be given as text, too. */
export function sentinelsOf(missing: readonly (number | string)[] = []): readonly number[] {
  return missing.map((word) => (word === '' ? Number.NaN : Number(word))).filter(Number.isFinite);
}
