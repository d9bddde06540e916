import { asciiDigits } from '../../ml/text/characters.js';
import { isMissingMark, isMissingWord } from '../../ml/text/missing.js';
import { type NumericDate, ordersOf, readMoment } from '../../ml/text/moment.js';
import { type DecimalMark, readNumber, type WrittenNumber } from '../../ml/text/number.js';
import type { Hints } from './reading.js';

/** Maximum number of texts to remember: most columns of words repeat them. */
const REMEMBERED = 1000;

/** Matches a time of day or a duration: 12:30, 1:05 pm, 1 days 02:03:04, PT5M. */
const TIME =
  /^(?:(?:-?\d+ days? )?\d+:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[ap]m)?|P(?:\d+D)?T(?:\d+[HMS])+)$/i;

/** The class of a text. */
type TextClass =
  | { is: 'gap' | 'mark' | 'word' | 'date' | 'time' }
  | { is: 'unread'; as: 'dates' | 'numbers' }
  | { is: 'number'; written: WrittenNumber }
  | ({ is: 'ordered' } & NumericDate);

/** Classifies the texts of a column. */
export class Classifier {
  private readonly known = new Map<string, TextClass>();
  private readonly missing: ReadonlySet<string>;
  private readonly values: ReadonlySet<string>;

  /** @param decimal the decimal mark of the file */
  constructor(
    hints: Hints,
    private readonly decimal: DecimalMark,
  ) {
    this.missing = new Set(hints.missing);
    this.values = new Set(hints.values);
  }

  classify(text: string): TextClass {
    const known = this.known.get(text);
    if (known) return known;
    const found = this.read(text);
    if (this.known.size < REMEMBERED) this.known.set(text, found);
    return found;
  }

  private read(text: string): TextClass {
    if (this.values.has(text)) return { is: 'word' };
    if (this.missing.has(text) || isMissingWord(text)) return { is: 'gap' };
    if (isMissingMark(text)) return { is: 'mark' };
    const ordered = ordersOf(text);
    if (ordered) return { is: 'ordered', ...ordered };
    if (!Number.isNaN(readMoment(text))) return { is: 'date' };
    const written = readNumber(text, this.decimal);
    if (written) return { is: 'number', written };
    if (TIME.test(text)) return { is: 'time' };
    const as = unreadAs(text);
    return as ? { is: 'unread', as } : { is: 'word' };
  }
}

/** Returns whether a number is a day or moment such as 20240131, 202401310830 or 20240131083000. */
export function isDay(value: number): boolean {
  if (!(value >= 19_000_101 && value < 21_010_101_000_000)) return false;
  return !Number.isNaN(readMoment(String(value)));
}

/** Whole numbers that may also be times. */
export const LIKE_DATES = [
  {
    what: 'a month',
    remedy: 'write 2024-01',
    least: 190_001,
    most: 210_012,
    fits: (value: number) => value % 100 >= 1 && value % 100 <= 12,
  },
  {
    what: 'a day of a year',
    remedy: 'write 2024-031',
    least: 1_900_001,
    most: 2_100_366,
    fits: (value: number) => value % 1000 >= 1 && value % 1000 <= 366,
  },
  ...[1, 1e3, 1e6, 1e9].map((unit) => ({
    what: `a time in ${{ 1: '', 1e3: 'milli', 1e6: 'micro', 1e9: 'nano' }[unit]}seconds since 1970`,
    remedy: 'write 2024-01-31T08:30:00Z to learn from its hour and day',
    // From 2000 to 2038.
    least: 946_684_800 * unit,
    most: 2_147_483_648 * unit,
    fits: () => true,
  })),
].map((each) => ({
  ...each,
  fits: (value: number) => (each.least > 3e6 || Number.isInteger(value)) && each.fits(value),
}));

/** Decides whether an unreadable text may be a date or a number in an unsupported format. */
function unreadAs(text: string): 'dates' | 'numbers' | undefined {
  const ascii = asciiDigits(text);
  const digits = ascii.replace(/\D/g, '').length;
  if (2 * digits < ascii.length) return undefined;
  if (/(^|\D)(1[89]|20)\d\d/.test(ascii) && /\d\D+\d/.test(ascii)) return 'dates';
  if (/^0x[\da-f]+$/i.test(ascii)) return 'numbers';
  const isRange = /^\d+\s?[-–]\s?\d+$/.test(ascii);
  return /^[^\p{L}\d]*\d[^\p{L}]*$/u.test(ascii) && !isRange ? 'numbers' : undefined;
}
