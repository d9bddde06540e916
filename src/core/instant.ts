/** RFC 3339, and of ISO 8601 also: a date alone, no offset (UTC), years of six digits. */
const INSTANT =
  /^([+-]\d{6}|\d{4})-(\d\d)-(\d\d)(?:[t ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?(z|[+-]\d\d:?\d\d)?)?$/i;

/**
 * Parses an instant. A leap second becomes the first second of the next minute; fractions are cut to milliseconds.
 * @returns milliseconds since the epoch; NaN for invalid text or a date that does not exist
 */
export function parseInstant(text: string): number {
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '0', offset = 'z'] =
    INSTANT.exec(text) ?? [];
  if (year === undefined) return Number.NaN;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const isThere = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  const isTime = Number(hour) < 24 && Number(minute) < 60 && Number(second) <= 60;
  const shift = minutesOf(offset);
  if (!isThere || !isTime || Number.isNaN(shift)) return Number.NaN;
  const milliseconds = Number(fraction.slice(0, 3).padEnd(3, '0'));
  const instant =
    date.getTime() +
    ((Number(hour) * 60 + Number(minute) - shift) * 60 + Number(second)) * 1000 +
    milliseconds;
  // NaN beyond the range of Date: it could not be formatted again.
  return new Date(instant).getTime();
}

/** Returns whether an instant is before another, regardless of their offsets. */
export function isBefore(one: string, another: string): boolean {
  return parseInstant(one) < parseInstant(another);
}

/** Returns the end of a month such as 2026-01, UTC, in milliseconds since the epoch. */
export function endOfMonth(month: string): number {
  const end = new Date(month);
  return end.setUTCMonth(end.getUTCMonth() + 1);
}

function minutesOf(offset: string): number {
  if (/^z$/i.test(offset)) return 0;
  const [hours, minutes] = [Number(offset.slice(1, 3)), Number(offset.slice(-2))];
  if (hours > 23 || minutes > 59) return Number.NaN;
  return (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}
