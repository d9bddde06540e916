import { asciiDigits, trimmed } from './characters.js';
import { isMissingMark, isMissingWord } from './missing.js';

/** The decimal mark: a point or a comma. */
export type DecimalMark = 'point' | 'comma';

/** A number as people write it. */
export interface WrittenNumber {
  value: number;
  /** The text before or after the number: a currency, a unit, a percent sign; empty if there is none. */
  unit: string;
  /** The number without the word that multiplies it, as 10 in 10k, and that word, which may be a unit. */
  scaled?: { by: string; value: number };
  /** The decimal mark that it has; `either` if both readings are possible and differ, `none` if they agree. */
  shows: DecimalMark | 'either' | 'none';
}

/** Notation of the numbers of a column. */
export interface NumberWriting {
  unit?: string | undefined;
  decimal?: DecimalMark | undefined;
  /** Numbers and words that mean unknown. */
  missing?: readonly (number | string)[] | undefined;
  /** Whether all text that is not a number means unknown. */
  otherText?: 'missing' | undefined;
}

/** Hyphens and minus signs of all kinds; spreadsheets and typesetters have one each. */
const MINUS = '\\-\u2010-\u2013\u2212\uFE63\uFF0D';
const SIGN = `[+${MINUS}]`;
/** Separators of thousands, beside the point or comma: spaces of all widths and apostrophes. */
const GAP = " '\u00A0\u2009\u202F\u2019";
const CURRENCY = '(?:[A-Z]{0,3}\\p{Sc}|[A-Z]{3}|[Rr]s\\.?|[Kk]r\\.?|[Ff]r\\.?)';
/** Matches a unit: one word, or two short ones such as sq ft. */
const UNIT = '(?:[\\p{L}\\p{Sc}%‰°µ][\\p{L}\\p{Sc}%°²³·/.]{0,9}|\\p{L}{2,3}\\.? \\p{L}{2,3}\\.?)';
/** Words that multiply a number, by their powers of ten. */
const SCALES: Readonly<Record<string, number>> = {
  ...{ k: 3, K: 3, thousand: 3, Tsd: 3, 'Tsd.': 3, lakh: 5 },
  ...{ M: 6, mn: 6, mln: 6, Mio: 6, 'Mio.': 6, million: 6, crore: 7 },
  ...{ B: 9, bn: 9, Bn: 9, bln: 9, Mrd: 9, 'Mrd.': 9, billion: 9 },
};
/** A B is a billion of money; else it may be a byte, or the name of a room. */
const SCALE = `(?:(?<=\\p{Sc}.*)B|${Object.keys(SCALES)
  .filter((word) => word !== 'B')
  .join('|')
  .replaceAll('.', '\\.')})(?![\\p{L}.])`;
/** The exponent after an e, or after Fortran's d if a point or sign precedes it, unlike in the 1d6 of dice. */
const EXPONENT = '[eE][+-]?\\d+|[dD][+-]\\d+|(?<=\\.\\d*)[dD]\\d+';
const WRITTEN = new RegExp(
  `^(${SIGN}?)\\s*(${CURRENCY})?\\s*(${SIGN}?)\\s*([.,]?\\d(?:[\\d.,${GAP}]*\\d)?\\.?)(${EXPONENT})?([${MINUS}])?\\s*(?:(${SCALE})\\s*)?(${UNIT})?$`,
  'u',
);
/** Texts that are not units: a truncated exponent, and am or pm. */
const NO_UNIT = /^(?:[eE]|[ap]\.?m\.?)$/i;
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
  const written = asciiDigits(trimmed(text));
  const owed = IN_PARENTHESES.exec(written);
  const found = WRITTEN.exec(owed ? owed.slice(1).join('') : written);
  if (!found) return undefined;
  const [, before, currency = '', behind, digits, exponent = '', after, scale, suffix = ''] = found;
  const signs = [before, behind, after, owed && '-'].filter(Boolean);
  if (signs.length > 1 || (currency && suffix)) return undefined;
  // A whole number with a line behind it is an open range as soon as a negative number: since 2019-.
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

/** 0xc is 12, not 0 of a unit. */
function isHexadecimal(digits: string, suffix: string): boolean {
  return digits === '0' && /^x[\da-f]/i.test(suffix);
}

function sizeOf(digits: string, power: number, decimal: DecimalMark): number {
  if (!DIGITS[decimal].test(digits)) return Number.NaN;
  const [whole, decimals = ''] = digits.split(decimal === 'point' ? '.' : ',');
  return Number(`${whole!.replace(/\D/g, '')}.${decimals}e${power}`);
}

/** The number in a unit: as it is in that one, or in none. Undefined for a number in another. */
export function amountIn(unit: string | undefined, written: WrittenNumber): number | undefined {
  if (unit !== undefined && written.scaled?.by === unit) return written.scaled.value;
  return written.unit === '' || written.unit === unit ? written.value : undefined;
}

function shown({ point, comma }: Record<DecimalMark, number>): WrittenNumber['shows'] {
  if (Number.isNaN(comma)) return 'point';
  if (Number.isNaN(point)) return 'comma';
  return point === comma ? 'none' : 'either';
}

/**
 * Returns the parser of texts of a number feature or target.
 * @returns a function that returns null for an unknown value, and undefined for an invalid number
 */
export function numberText({ unit, decimal, missing = [], otherText }: NumberWriting) {
  const words = new Set(missing.map(String));
  return (text: string): number | null | undefined => {
    const word = trimmed(text);
    if (words.has(word) || isMissingWord(word) || isMissingMark(word)) return null;
    const written = readNumber(word, decimal);
    const amount = written && amountIn(unit, written);
    return amount === undefined && otherText ? null : amount;
  };
}

/** The numbers that mean unknown: a sentinel may be given as text, too. */
export function sentinelsOf(missing: readonly (number | string)[] = []): readonly number[] {
  return missing.map((word) => (word === '' ? Number.NaN : Number(word))).filter(Number.isFinite);
}
