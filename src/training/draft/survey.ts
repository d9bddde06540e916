import type { Block } from '../../csv/block.js';
import { COMMA, POINT } from '../../csv/bytes.js';
import { canonical } from '../../ml/encoding/words.js';
import { asciiDigits, trimmed } from '../../ml/text/characters.js';
import { isMissingMark, isMissingWord } from '../../ml/text/missing.js';
import { type NumericDate, ordersOf, readMoment } from '../../ml/text/moment.js';
import { type DecimalMark, readNumber, type WrittenNumber } from '../../ml/text/number.js';
import { numberIn } from '../../rows/parser.js';
import type { Kind, Reading, Said } from './reading.js';
import { share } from './share.js';

/** With this share of numbers, or of dates, among its values a column has nothing else: the rest are mistakes. */
const MOSTLY = 0.95;
/** Texts that are looked at once: most columns of words repeat them. */
const REMEMBERED = 1000;
/** Numbers that show their decimal mark; with so many it is known. */
const ENOUGH = 100;

/** A time of day, or how long something took: 12:30, 1:05 pm, 1 days 02:03:04, PT5M. */
const TIME =
  /^(?:(?:-?\d+ days? )?\d+:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[ap]m)?|P(?:\d+D)?T(?:\d+[HMS])+)$/i;

/** What a text looks like. */
type Look =
  | { is: 'gap' | 'mark' | 'word' | 'date' | 'time' }
  | { is: 'unread'; as: 'dates' | 'numbers' }
  | { is: 'number'; written: WrittenNumber }
  | ({ is: 'ordered' } & NumericDate);

/** Looks at the texts of a column to find out what they are and how they are written. */
export class Survey {
  private rows = 0;
  private gaps = 0;
  private marks = 0;
  private numbers = 0;
  private readonly units = new Map<string, number>();
  private readonly shown = { point: 0, comma: 0 };
  /** A number that may be read either way. */
  private unclear: string | undefined;
  /** Of the numbers, how many are a day such as 20240131, or a moment such as 20240131083000. */
  private days = 0;
  private day = '';
  /** The first number that a word multiplies, as 10k. */
  private scaled: { text: string; value: number } | undefined;
  /** Of the plain numbers, how many are like each kind of date that is a whole number, and the first of them. */
  private readonly likeDates = new Map(LIKE_DATES.map((each) => [each, { count: 0, first: 0 }]));
  /** Texts with digits that are neither numbers nor dates as they are read. */
  private readonly unread = { dates: 0, numbers: 0, first: '' };
  private dates = 0;
  private times = 0;
  private readonly ordered = { dmy: 0, mdy: 0, both: 0 };
  private shape: { text: string; dotted: boolean } | undefined;
  private hasShortYear = false;
  private readonly looks = new Map<string, Look>();
  private readonly missing: ReadonlySet<string>;
  private readonly values: ReadonlySet<string>;

  constructor(
    private readonly name: string,
    private readonly said: Said,
    /** The decimal mark of the rest of the file. */
    private readonly ofFile: DecimalMark,
  ) {
    this.missing = new Set(said.missing);
    this.values = new Set(said.values);
  }

  add(block: Block, row: number, column: number): void {
    this.rows++;
    const value = numberIn(block, row, column, this.ofFile);
    if (Number.isFinite(value)) this.addPlain(value, block, row, column);
    else this.addText(canonical(block.text(row, column)) || (this.said.blank ?? ''));
  }

  private addPlain(value: number, block: Block, row: number, column: number): void {
    if (this.missing.size > 0 && this.missing.has(canonical(block.text(row, column)))) {
      this.gaps++;
      return;
    }
    if (this.days === this.numbers && isDay(value)) {
      this.days++;
      this.day = String(value);
    }
    for (const [{ least, most, fits }, seen] of this.likeDates) {
      if (seen.count < this.numbers || !(value >= least && value <= most) || !fits(value)) continue;
      seen.first ||= value;
      seen.count++;
    }
    this.numbers++;
    if (this.shown.point + this.shown.comma < ENOUGH && hasMark(block, row, column))
      this.addMark(trimmed(block.text(row, column)));
  }

  private addMark(text: string): void {
    const shows = readNumber(text)?.shows;
    if (shows === 'point' || shows === 'comma') this.shown[shows]++;
    else if (shows === 'either') this.unclear ??= text;
  }

  private addText(text: string): void {
    const look = this.lookAt(text);
    switch (look.is) {
      case 'gap':
        this.gaps++;
        return;
      case 'mark':
        this.marks++;
        return;
      case 'number': {
        const { unit } = look.written;
        this.numbers++;
        if (look.written.scaled) this.scaled ??= { text, value: look.written.value };
        if (unit !== '') this.units.set(unit, (this.units.get(unit) ?? 0) + 1);
        this.addMark(text);
        return;
      }
      case 'date':
        this.dates++;
        return;
      case 'time':
        this.times++;
        return;
      case 'unread':
        this.unread.first ||= text;
        this.unread[look.as]++;
        return;
      case 'ordered':
        this.shape ??= { text, dotted: look.dotted };
        this.hasShortYear ||= look.isShort;
        if (look.orders.length === 2) this.ordered.both++;
        else for (const order of look.orders as ('dmy' | 'mdy')[]) this.ordered[order]++;
    }
  }

  private lookAt(text: string): Look {
    const known = this.looks.get(text);
    if (known) return known;
    const look = this.classify(text);
    if (this.looks.size < REMEMBERED) this.looks.set(text, look);
    return look;
  }

  private classify(text: string): Look {
    if (this.values.has(text)) return { is: 'word' };
    if (this.missing.has(text) || isMissingWord(text)) return { is: 'gap' };
    if (isMissingMark(text)) return { is: 'mark' };
    const ordered = ordersOf(text);
    if (ordered) return { is: 'ordered', ...ordered };
    if (!Number.isNaN(readMoment(text))) return { is: 'date' };
    const written = readNumber(text, this.ofFile);
    if (written) return { is: 'number', written };
    if (TIME.test(text)) return { is: 'time' };
    const as = unreadAs(text);
    return as ? { is: 'unread', as } : { is: 'word' };
  }

  /** How the column is to be read. */
  settle(): Reading {
    const known = this.rows - this.gaps - this.marks;
    const [commonest, most] = [...this.units].toSorted(([, a], [, b]) => b - a)[0] ?? ['', 0];
    // A unit that few numbers have is a slip of the hand as any other text.
    const [unit, withUnit] = most > (1 - MOSTLY) * this.numbers ? [commonest, most] : ['', 0];
    const others = [...this.units.values()].reduce((sum, count) => sum + count, 0) - withUnit;
    const numbers = this.numbers - others;
    const { kind = this.kindOf(known, numbers), missing = [], values = [], blank } = this.said;
    const isSaid = this.said.kind !== undefined;
    const read = {
      kind,
      missing,
      values,
      ...(isSaid && { isKindSaid: true as const }),
      ...(blank !== undefined && { blank }),
    };
    switch (kind) {
      case 'number':
        return {
          ...read,
          ...(unit !== '' && { unit }),
          ...this.settleMark(unit, numbers - withUnit),
        };
      case 'datetime':
        return { ...read, ...this.settleOrder() };
      case 'category':
        return {
          ...read,
          notes: this.notesOnWords(known, numbers),
          ...(this.said.kind === undefined && this.noteOnUnread(known)),
        };
    }
  }

  private kindOf(known: number, numbers: number): Reading['kind'] {
    if (known === 0 || this.values.size > 0) return 'category';
    const dates = this.dates + this.ordered.both + Math.max(this.ordered.dmy, this.ordered.mdy);
    if (this.days > 0 && this.days === this.numbers && this.days + dates >= MOSTLY * known)
      return 'datetime';
    if (numbers >= MOSTLY * known) return 'number';
    return dates >= MOSTLY * known ? 'datetime' : 'category';
  }

  /** @param bare how many numbers have no unit */
  private settleMark(unit: string, bare: number): Pick<Reading, 'decimal' | 'notes'> {
    const { point, comma } = this.shown;
    const found = comma > point ? 'comma' : point > comma ? 'point' : undefined;
    const decimal = this.said.decimal ?? found ?? this.ofFile;
    const notes =
      unit === '' ? [] : [`is in ${JSON.stringify(unit)}: ${exampleOf(unit, bare, this.numbers)}`];
    if (this.scaled)
      notes.push(
        `${this.scaled.text} is read as ${this.scaled.value}; name its letter as the "unit" of the spec if it is one`,
      );
    for (const [like, { count, first }] of this.likeDates)
      if (!this.said.kind && count > 0 && count === this.numbers)
        notes.push(`is taken as a number; if ${first} is ${like.what}, ${like.remedy}`);
    if (this.unclear !== undefined && !found && !this.said.decimal) {
      const other: DecimalMark = decimal === 'point' ? 'comma' : 'point';
      const [here, there] = [decimal, other].map((mark) => readNumber(this.unclear!, mark)?.value);
      const flag = `--decimal ${quoted(`${this.name}=${other}`)}`;
      notes.push(`${this.unclear} is read as ${here}; ${flag} reads it as ${there}`);
    } else if (point > 0 && comma > 0)
      notes.push('has decimals behind points and behind commas: both are read');
    return { notes, ...(decimal === 'comma' && { decimal }) };
  }

  private settleOrder(): Pick<Reading, 'order' | 'notes'> {
    const notes: string[] = [];
    if (this.days > 0) {
      const flag = `--kind ${quoted(`${this.name}=number`)}`;
      notes.push(`${this.day} is read as a day; ${flag} takes it as a number`);
    }
    if (this.hasShortYear)
      notes.push(
        'years of two digits are read as 1969 to 2068; write them in full to say otherwise',
      );
    const { shape } = this;
    if (!shape) return { notes };
    const { dmy, mdy } = this.ordered;
    const byDefault = shape.dotted ? 'dmy' : 'mdy';
    const found = dmy > mdy ? 'dmy' : mdy > dmy ? 'mdy' : undefined;
    const order = this.said.order ?? found ?? byDefault;
    if (!this.said.order && !(shape.dotted && order === 'dmy')) {
      const moment = new Date(readMoment(shape.text, order));
      const day = Number.isNaN(moment.getTime()) ? order : moment.toISOString().slice(0, 10);
      const other = order === 'dmy' ? 'mdy' : 'dmy';
      const flag = `--date-order ${quoted(`${this.name}=${other}`)}`;
      const first = order === 'dmy' ? 'day' : 'month';
      notes.push(
        found
          ? `has the ${first} first, as in ${shape.text}`
          : `no date tells day and month apart: ${shape.text} is read as ${day}, the ${first} first; ${flag} reads it otherwise`,
      );
    }
    return { notes, ...(!(shape.dotted && order === 'dmy') && { order }) };
  }

  /** What most texts seem to be, though they are not read as that. */
  private noteOnUnread(known: number): Pick<Reading, 'unread'> {
    const { dates, numbers, first } = this.unread;
    if (dates + numbers <= known / 2) return {};
    const shown = JSON.stringify(first);
    return {
      unread:
        dates > numbers
          ? `dates such as ${shown} are not read: write them as 2024-01-31 or 2024-01-31T08:30:00Z`
          : `${shown} is not read as a number: write it as 1234.5 if it is one`,
    };
  }

  private notesOnWords(known: number, numbers: number): string[] {
    if (this.said.kind || this.values.size > 0) return [];
    const counted = known + this.marks;
    const dates = this.dates + this.ordered.both + this.ordered.dmy + this.ordered.mdy;
    const flag = (kind: Kind) => `--kind ${quoted(`${this.name}=${kind}`)}`;
    return [
      ...(numbers > 0
        ? [
            `${share(numbers, counted)} of its values are numbers, the others are not: taken as categories; ${flag('number')} reads it as numbers`,
          ]
        : []),
      ...(dates > 0
        ? [
            `${share(dates, counted)} of its values are dates, the others are not: taken as categories; ${flag('datetime')} reads it as dates`,
          ]
        : []),
      ...(this.times > counted / 2
        ? ['has times or durations: numbers of minutes, say, can be learnt from']
        : []),
      ...(this.units.size > 1
        ? [`its numbers have different units: ${[...this.units.keys()].slice(0, 3).join(', ')}`]
        : []),
    ];
  }
}

function hasMark({ bytes, spans, columns }: Block, row: number, column: number): boolean {
  const at = 2 * (row * columns + column);
  for (let pos = spans[at]!; pos < spans[at + 1]!; pos++)
    if (bytes[pos] === POINT || bytes[pos] === COMMA) return true;
  return false;
}

/** A word of a shell, in quotes if it needs them. */
export function quoted(word: string): string {
  return /^[\w=.,:/+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function exampleOf(unit: string, bare: number, numbers: number): string {
  const example = unit === '%' ? '5% is read as 5' : 'numbers are read with it and without';
  return bare === 0 ? example : `${example}, and ${share(bare, numbers)} of them are without`;
}

/** Whole numbers such as 20240131, 202401310830 and 20240131083000. */
function isDay(value: number): boolean {
  if (!(value >= 19_000_101 && value < 21_010_101_000_000)) return false;
  return !Number.isNaN(readMoment(String(value)));
}

/** Whole numbers that may be moments as well as numbers. */
const LIKE_DATES = [
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

/** Whether a text without a reading looks like a date or a number that is written in yet another way. */
function unreadAs(text: string): 'dates' | 'numbers' | undefined {
  const ascii = asciiDigits(text);
  const digits = ascii.replace(/\D/g, '').length;
  if (2 * digits < ascii.length) return undefined;
  if (/(^|\D)(1[89]|20)\d\d/.test(ascii) && /\d\D+\d/.test(ascii)) return 'dates';
  if (/^0x[\da-f]+$/i.test(ascii)) return 'numbers';
  const isRange = /^\d+\s?[-–]\s?\d+$/.test(ascii);
  return /^[^\p{L}\d]*\d[^\p{L}]*$/u.test(ascii) && !isRange ? 'numbers' : undefined;
}
