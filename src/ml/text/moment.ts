import { asciiDigits, trimmed } from './characters.js';
import { isMissingMark, isMissingWord } from './missing.js';

/** The order of day, month and year in dates of three numbers, such as 01/02/03. */
export type DateOrder = 'dmy' | 'mdy' | 'ymd';

const ISO_8601 = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?$/;
/** A date in JSON of .NET: milliseconds since 1970, and an offset that does not change the moment. */
const DOT_NET = /^\/Date\((-?\d{1,16})(?:[+-]\d{4})?\)\/$/;
const MINUTE_MS = 60_000;
/** Two-digit years below this number are in the 21st century, as in POSIX. */
const PIVOT = 69;
const LOCALES = ['en', 'de', 'fr', 'es', 'it', 'pt', 'nl'];

/** Names of months and weekdays, long and short; created on first use, since that is slow. */
let months: ReadonlyMap<string, number> | undefined;
let weekdays: ReadonlyMap<string, number> | undefined;

/** Hours east of UTC of the zones in mail and logs (RFC 822), and in central Europe. */
const ZONES: Readonly<Record<string, number>> = {
  ...{ z: 0, utc: 0, gmt: 0, est: -5, edt: -4, cst: -6, cdt: -5, mst: -7, mdt: -6, pst: -8 },
  ...{ pdt: -7, wet: 0, west: 1, cet: 1, cest: 2, mez: 1, mesz: 2, eet: 2, eest: 3 },
};

/** Year, month and day, from 1, and the text after them. */
type Day = readonly [year: number, month: number, day: number, rest: string];

/**
 * Reads a date, or date and time, in any common format; in UTC without an offset. A month, quarter or week is its first
 * day.
 * @returns milliseconds since 1970; NaN for other text, a day that does not exist, and an ambiguous order of day and
 *   month without `order`
 */
export function readMoment(text: string, order?: DateOrder): number {
  if (ISO_8601.test(text) && isCalendarDay(text)) {
    if (text.length === 10) return Date.parse(text);
    const hasZone = /(Z|[+-]\d{2}:\d{2})$/.test(text.slice(10));
    const moment = Date.parse(hasZone ? text : `${text}Z`);
    if (!Number.isNaN(moment)) return moment;
  }
  const milliseconds = DOT_NET.exec(text)?.[1];
  if (milliseconds !== undefined) return new Date(Number(milliseconds)).getTime();
  const day = readDay(withoutWeekday(asciiDigits(trimmed(text))), order);
  if (!day) return Number.NaN;
  const [year, month, date, rest] = day;
  const midnight = new Date(0);
  midnight.setUTCFullYear(year, month - 1, date);
  const isReal = midnight.getUTCMonth() === month - 1 && midnight.getUTCDate() === date;
  return isReal ? midnight.getTime() + readTime(rest) : Number.NaN;
}

/** Three numbers separated by points may be a version, unless the date is written in full. */
const NUMERIC =
  /^(?:(\d{1,2})([-/_])(\d{1,2})\2(\d{4}|\d{2})|(\d{1,2})\.(\d{1,2})\.(\d{4})|(\d{2})\.(\d{2})\.(\d{2}))(?![\d.])/;

/** A date of three numbers, the year last. */
export interface NumericDate {
  /** The possible orders. */
  orders: readonly DateOrder[];
  dotted: boolean;
  /** Whether the year has two digits. */
  isShort: boolean;
}

/** Returns the possible orders of a date of three numbers, the year last; undefined for other text. */
export function ordersOf(text: string): NumericDate | undefined {
  const day = withoutWeekday(asciiDigits(trimmed(text)));
  const found = NUMERIC.exec(day);
  if (!found) return undefined;
  const orders = (['dmy', 'mdy'] as const).filter((order) => !Number.isNaN(readMoment(day, order)));
  const isShort = found[4]?.length === 2 || found[10] !== undefined;
  return { orders, dotted: found[2] === undefined, isShort };
}

/** The format of the texts of a datetime. */
interface MomentFormat {
  order?: DateOrder;
  missing?: readonly string[];
  otherText?: 'missing';
}

/** Creates a reader of the texts of a datetime, which returns null for unknown, and undefined for invalid text. */
export function momentText({ order, missing = [], otherText }: MomentFormat) {
  return (text: string): number | null | undefined => {
    const word = trimmed(text);
    if (missing.includes(word) || isMissingWord(word) || isMissingMark(word)) return null;
    const moment = readMoment(word, order);
    return Number.isNaN(moment) ? (otherText ? null : undefined) : moment;
  };
}

/** Returns whether a day exists, since Date.parse reads the 30th of February as the 2nd of March. */
function isCalendarDay(text: string): boolean {
  const day = text.slice(0, 10);
  const midnight = new Date(`${day}T00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
}

function readDay(text: string, order?: DateOrder): Day | undefined {
  return /^\d/.test(text)
    ? (yearFirst(text) ?? numeric(text, order) ?? dayAndName(text) ?? quarterFirst(text))
    : (nameFirst(text) ?? quarterFirst(text));
}

function yearFirst(text: string): Day | undefined {
  const day =
    /^(\d{4})([-/._:\s])(\d{1,2})\2(\d{1,2})(?!\d)(.*)$/s.exec(text) ??
    /^(\d{4})()(\d{2})(\d{2})(?![\d.])(.*)$/s.exec(text) ??
    /^(\d{4})()(\d{2})(\d{2})(?=\d{4}(?:\d{2})?$)(.*)$/.exec(text) ??
    /^(\d{4})()[年년]\s?(\d{1,2})[月월]\s?(\d{1,2})[日일](.*)$/s.exec(text);
  if (day) return [+day[1]!, +day[3]!, +day[4]!, day[5]!];
  const named = /^(\d{4})[-/\s](\p{L}+)\.?(?:[-/\s](\d{1,2})(?!\d)(.*))?$/su.exec(text);
  const name = named && monthOf(named[2]!);
  if (name) return [+named[1]!, name, +(named[3] ?? 1), named[4] ?? ''];
  const month = /^(\d{4})(?:[-/_]|[-\s]?[Mm])(\d{1,2})$/.exec(text);
  if (month) return [+month[1]!, +month[2]!, 1, ''];
  const ofYear = /^(\d{4})-(\d{3})(?!\d)(.*)$/s.exec(text);
  if (ofYear) return dayOfYear(+ofYear[1]!, +ofYear[2]!, ofYear[3]!);
  const quarter = /^(\d{4})[-/\s]?[Qq]([1-4])$/.exec(text);
  if (quarter) return [+quarter[1]!, 3 * +quarter[2]! - 2, 1, ''];
  const week = /^(\d{4})-?W(\d{2})(?:-?([1-7]))?$/.exec(text);
  return week ? ofWeek(+week[1]!, +week[2]!, +(week[3] ?? 1)) : undefined;
}

function dayOfYear(year: number, number: number, rest: string): Day | undefined {
  const day = dayOf(year, number, rest);
  return number > 0 && day[0] === year ? day : undefined;
}

/** Returns a day of a week of ISO 8601, whose first week has the 4th of January. */
function ofWeek(year: number, week: number, weekday: number): Day | undefined {
  if (week < 1 || week > 53) return undefined;
  const fourth = new Date(Date.UTC(year, 0, 4));
  const monday = 4 - ((fourth.getUTCDay() + 6) % 7);
  return dayOf(year, monday + 7 * (week - 1) + weekday - 1, '');
}

function dayOf(year: number, number: number, rest: string): Day {
  const day = new Date(Date.UTC(year, 0, number));
  return [day.getUTCFullYear(), day.getUTCMonth() + 1, day.getUTCDate(), rest];
}

function numeric(text: string, order?: DateOrder): Day | undefined {
  const found = NUMERIC.exec(text);
  if (!found) {
    const month = /^(\d{1,2})[-/.](\d{4})$/.exec(text);
    return month ? [+month[2]!, +month[1]!, 1, ''] : undefined;
  }
  const [a, b, c] = found[0].split(/[-/._]/) as [string, string, string];
  const rest = text.slice(found[0].length);
  // With points, the day is first in all countries.
  const known = order ?? (found[2] === undefined ? 'dmy' : undefined);
  if (known === 'dmy') return [yearOf(c), +b, +a, rest];
  if (known === 'mdy') return [yearOf(c), +a, +b, rest];
  return known === 'ymd' && c.length === 2 ? [yearOf(a), +b, +c, rest] : undefined;
}

/** Reads a date whose day precedes the name of the month: `12 June 1998`, `12-Jun-98`, `12. Juni 1998`. */
function dayAndName(text: string): Day | undefined {
  const found =
    /^(\d{1,2})(?:st|nd|rd|th)?[-/.,\s]*(?:of\s+|de\s+)?(\p{L}+)\.?[-/.,\s]*(?:de\s+)?(\d{4}|\d{2})(?!\d)(.*)$/su.exec(
      text,
    );
  const month = found && monthOf(found[2]!);
  return month ? [yearOf(found[3]!), month, +found[1]!, found[4]!] : undefined;
}

/** Reads a date that begins with the name of the month: `June 12th, 1998`, `Jun 12 10:00:00 1998` (C), `Jun-98`. */
function nameFirst(text: string): Day | undefined {
  const name = /^\p{L}+/u.exec(text)?.[0];
  const month = name && monthOf(name);
  if (!month) return undefined;
  const behind = text.slice(name.length).replace(/^[-/.,'’\s]+/, '');
  const day = /^(\d{1,2})(?:st|nd|rd|th)?[-/,\s]+(\d{4})(?!\d)(.*)$/s.exec(behind);
  if (day) return [+day[2]!, month, +day[1]!, day[3]!];
  const c = /^(\d{1,2})\s+(\d{1,2}:\d{2}(?::\d{2})?)(?:\s+(\p{L}{1,5}))?\s+(\d{4})$/u.exec(behind);
  if (c) return [+c[4]!, month, +c[1]!, ` ${c[2]} ${c[3] ?? ''}`];
  return /^(\d{4}|\d{2})$/.test(behind) ? [yearOf(behind), month, 1, ''] : undefined;
}

function quarterFirst(text: string): Day | undefined {
  const found = /^(?:[Qq]([1-4])|([1-4])[Qq])[-/'’\s]*(\d{4}|\d{2})$/.exec(text);
  return found ? [yearOf(found[3]!), 3 * +(found[1] ?? found[2])! - 2, 1, ''] : undefined;
}

function yearOf(digits: string): number {
  const year = Number(digits);
  if (digits.length > 2) return year;
  return year < PIVOT ? 2000 + year : 1900 + year;
}

const TIME =
  /^(?:T|[\s,;:_]+(?:at\s+)?|-(?=\d\d-)|(?=\d{4}))(?:(\d{1,2})([:.h-])(\d{2})(?:\2(\d{2})(?:[.,](\d{1,9}))?)?|(\d{2})(\d{2})(\d{2})?|(\d{1,2})(?=\s*[ap]\.?m)|(?<=T)(\d{2}))\s*([ap])?(?:\.?m\.?)?\s*(?:Uhr|hrs?\.?)?\s*(.*)$/is;

/** Returns milliseconds after midnight in UTC; NaN for text that is not a time of day. */
function readTime(text: string): number {
  if (text.trim() === '') return 0;
  const offset = /^(?:Z|\+\d{2}:\d{2})$/.exec(text);
  if (offset) return -readZone(text) * MINUTE_MS;
  const found = TIME.exec(text);
  if (!found) return Number.NaN;
  const [, h1, , m1, s1, fraction = '', h2, m2, s2, h3, h4, half, zone = ''] = found;
  const written = Number(h1 ?? h2 ?? h3 ?? h4);
  const [minute, second] = [Number(m1 ?? m2 ?? 0), Number(s1 ?? s2 ?? 0)];
  // In ISO 8601, a day ends at 24:00.
  const isEnd = written === 24 && minute === 0 && second === 0;
  const isHour = half ? written >= 1 && written <= 12 : written < 24 || isEnd;
  const isLeap = minute === 59 && second === 60;
  if (!isHour || minute > 59 || (second > 59 && !isLeap)) return Number.NaN;
  const hour = half ? (written % 12) + (half.toLowerCase() === 'p' ? 12 : 0) : written;
  const milliseconds = Number(fraction.slice(0, 3).padEnd(3, '0'));
  return ((hour * 60 + minute) * 60 + second) * 1000 + milliseconds - readZone(zone) * MINUTE_MS;
}

/** Returns minutes east of UTC: of +01:00, UTC+1, CET, or +01:00[Europe/Berlin]. */
function readZone(text: string): number {
  const zone = text.replace(/\s*(\[.*\]|\(.*\))$/s, '').toLowerCase();
  if (zone === '') return 0;
  const offset = /^(?:utc|gmt)?\s*([+-])(\d{1,2})(?::?(\d{2}))?$/.exec(zone);
  if (!offset) return Object.hasOwn(ZONES, zone) ? ZONES[zone]! * 60 : Number.NaN;
  const [, sign, hours, minutes = 0] = offset;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

function withoutWeekday(text: string): string {
  const name = /^\p{L}+(-feira)?/u.exec(text)?.[0];
  // The French mar is March or Tuesday.
  weekdays ??= namesOf('weekday', 7, (i) => Date.UTC(2024, 0, 1 + i));
  if (!name || !weekdays.has(name.toLowerCase()) || monthOf(name)) return text;
  return text.slice(name.length).replace(/^[.,\s]+/, '');
}

function monthOf(name: string): number | undefined {
  months ??= namesOf('month', 12, (i) => Date.UTC(2024, i, 15));
  return months.get(name.toLowerCase()) ?? (/^sept$/i.test(name) ? 9 : undefined);
}

function namesOf(part: 'month' | 'weekday', count: number, moment: (i: number) => number) {
  const names = new Map<string, number>();
  for (const locale of LOCALES) {
    for (const style of ['long', 'short'] as const) {
      const format = new Intl.DateTimeFormat(locale, { [part]: style, timeZone: 'UTC' });
      for (let i = 0; i < count; i++) {
        const name = format.format(moment(i)).toLowerCase().replace('.', '');
        if (!names.has(name)) names.set(name, i + 1);
      }
    }
  }
  return names;
}
