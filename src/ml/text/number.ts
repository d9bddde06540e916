import { asciiDigits, trimmed } from './characters.js';
import { isMissingMark, isMissingWord } from './missing.js';

/** The sign before decimals. */
export type DecimalMark = 'point' | 'comma';

/** A parsed number. */
export interface WrittenNumber {
  value: number;
  /** The currency, unit or percent sign before or after it; empty if there is none. */
  unit: string;
  /** The number without a multiplying word, as 10 in 10k, and that word, which may be a unit. */
  scaled?: { by: string; value: number };
  /** The decimal mark that it shows; `either` if both are possible with different values, `none` if with the same. */
  shows: DecimalMark | 'either' | 'none';
}

/** The format of the numbers of a column. */
interface NumberFormat {
  unit?: string | undefined;
  decimal?: DecimalMark | undefined;
  /** Numbers and words that mean unknown. */
  missing?: readonly (number | string)[] | undefined;
  /** Whether all other text means unknown. */
  otherText?: 'missing' | undefined;
}

/** Hyphens and minus signs, of which spreadsheets and typesetters have several. */
const MINUS = '\\-\u2010-\u2013\u2212\uFE63\uFF0D';
const SIGN = `[+${MINUS}]`;
/** Separators of thousands, besides point and comma: spaces of all widths and apostrophes. */
const GAP = " '\u00A0\u2009\u202F\u2019";
const CURRENCY = '(?:[A-Z]{0,3}\\p{Sc}|[A-Z]{3}|[Rr]s\\.?|[Kk]r\\.?|[Ff]r\\.?)';
/** One word, or two short ones such as sq ft; more words are text. */
const UNIT = '(?:[\\p{L}\\p{Sc}%‰°µ][\\p{L}\\p{Sc}%°²³·/.]{0,9}|\\p{L}{2,3}\\.? \\p{L}{2,3}\\.?)';
/** Powers of ten of the words that multiply a number. */
const SCALES: Readonly<Record<string, number>> = {
  ...{ k: 3, K: 3, thousand: 3, Tsd: 3, 'Tsd.': 3, lakh: 5 },
  ...{ M: 6, mn: 6, mln: 6, Mio: 6, 'Mio.': 6, million: 6, crore: 7 },
  ...{ B: 9, bn: 9, Bn: 9, bln: 9, Mrd: 9, 'Mrd.': 9, billion: 9 },
};
/** B is a billion only with a currency; else it may be a byte, or the name of a room. */
const SCALE = `(?:(?<=\\p{Sc}.*)B|${Object.keys(SCALES)
  .filter((word) => word !== 'B')
  .join('|')
  .replaceAll('.', '\\.')})(?![\\p{L}.])`;
/** The exponent after e, or after the d of Fortran if a point or sign distinguishes it from a word such as 1d6. */
const EXPONENT = '[eE][+-]?\\d+|[dD][+-]\\d+|(?<=\\.\\d*)[dD]\\d+';
const WRITTEN = new RegExp(
  `^(${SIGN}?)\\s*(${CURRENCY})?\\s*(${SIGN}?)\\s*([.,]?\\d(?:[\\d.,${GAP}]*\\d)?\\.?)(${EXPONENT})?([${MINUS}])?\\s*(?:(${SCALE})\\s*)?(${UNIT})?$`,
  'u',
);
/** Text that is not a unit: an incomplete exponent, and the half of a day. */
const NO_UNIT = /^(?:[eE]|[ap]\.?m\.?)$/i;
const IN_PARENTHESES = /^(.*)\((.+)\)(.*)$/s;
const CODES = new Set(Intl.supportedValuesOf('currency'));

/** Matches digits in groups of three, or as in India, then decimals. */
function digitsWith(group: string, mark: string): RegExp {
  const between = `[${group}${GAP}]`;
  return new RegExp(
    `^(?:\\d+|[1-9]\\d{0,2}(${between})\\d{3}(?:\\1\\d{3})*|[1-9]\\d?(?:${group}\\d{2})+${group}\\d{3})?(?:${mark}\\d*)?$`,
  );
}
const DIGITS = { point: digitsWith(',', '\\.'), comma: digitsWith('\\.', ',') } as const;

/**
 * Reads a number with separated thousands, a currency or unit, and a minus sign before it, after it as in SAP, or as
 * parentheses as in accounting.
 * @param decimal the decimal mark of ambiguous numbers
 * @returns undefined for other text, and numbers that exceed a double
 */
export function readNumber(
  text: string,
  decimal: DecimalMark = 'point',
): WrittenNumber | undefined {
  const written = asciiDigits(trimmed(text));
  const owed = IN_PARENTHESES.exec(written);
  const found = WRITTEN.exec(owed ? owed.slice(1).join('') : written);
  if (!found) return undefined;
  const [, before, currency = '', behind, digits, exponent = '', after, scale, suffix = ''] = found;
  const signs = [before, behind, after, owed && '-'].filter(Boolean);
  if (signs.length > 1 || (currency && suffix)) return undefined;
  // An integer with a dash after it may be an open range, such as 2019-.
  if (after && !/[.,]/.test(digits!)) return undefined;
  if (/^[A-Z]{3}$/.test(currency) && !CODES.has(currency)) return undefined;
  const unit = currency || suffix;
  if (NO_UNIT.test(unit) || isHexadecimal(digits!, suffix)) return undefined;
  const power = Number(exponent.slice(1));
  // In front of an exponent, a single mark separates decimals, not thousands.
  const [, only] = (exponent && /^\d*([.,])\d*$/.exec(digits!)) || [];
  const read = {
    point: only === ',' ? Number.NaN : sizeOf(digits!, power, 'point'),
    comma: only === '.' ? Number.NaN : sizeOf(digits!, power, 'comma'),
  };
  const mark = Number.isNaN(read[decimal]) ? (decimal === 'point' ? 'comma' : 'point') : decimal;
  const [sign = '+'] = signs;
  const signed = (size: number) => (sign === '+' ? size : -size);
  const value = signed(scale ? sizeOf(digits!, power + SCALES[scale]!, mark) : read[mark]);
  if (!Number.isFinite(value)) return undefined;
  const scaled = scale && unit === '' && { by: scale, value: signed(read[mark]) };
  return { value, unit, shows: shown(read), ...(scaled && { scaled }) };
}

/** Returns whether a number is hexadecimal: 0xc is 12, not 0 with a unit. */
function isHexadecimal(digits: string, suffix: string): boolean {
  return digits === '0' && /^x[\da-f]/i.test(suffix);
}

function sizeOf(digits: string, power: number, decimal: DecimalMark): number {
  if (!DIGITS[decimal].test(digits)) return Number.NaN;
  const [whole, decimals = ''] = digits.split(decimal === 'point' ? '.' : ',');
  return Number(`${whole!.replace(/\D/g, '')}.${decimals}e${power}`);
}

/** Returns a number with the given unit, or without any; undefined for another unit. */
export function amountIn(unit: string | undefined, written: WrittenNumber): number | undefined {
  if (unit !== undefined && written.scaled?.by === unit) return written.scaled.value;
  return written.unit === '' || written.unit === unit ? written.value : undefined;
}

function shown({ point, comma }: Record<DecimalMark, number>): WrittenNumber['shows'] {
  if (Number.isNaN(comma)) return 'point';
  if (Number.isNaN(point)) return 'comma';
  return point === comma ? 'none' : 'either';
}

/** Creates a reader of the texts of numbers, which returns null for unknown, and undefined for invalid text. */
export function numberText({ unit, decimal, missing = [], otherText }: NumberFormat) {
  const words = new Set(missing.map(String));
  return (text: string): number | null | undefined => {
    const word = trimmed(text);
    if (words.has(word) || isMissingWord(word) || isMissingMark(word)) return null;
    const written = readNumber(word, decimal);
    const amount = written && amountIn(unit, written);
    return amount === undefined && otherText ? null : amount;
  };
}

/** Returns the numbers that mean unknown, also those that are given as text. */
export function sentinelsOf(missing: readonly (number | string)[] = []): readonly number[] {
  return missing.map((word) => (word === '' ? Number.NaN : Number(word))).filter(Number.isFinite);
}
