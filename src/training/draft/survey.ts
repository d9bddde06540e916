import { defined } from '../../core/defined.js';
import type { Block } from '../../csv/block.js';
import { COMMA, POINT } from '../../csv/bytes.js';
import { canonical } from '../../ml/encoding/words.js';
import { sum } from '../../ml/statistics.js';
import { trimmed } from '../../ml/text/characters.js';
import { readMoment } from '../../ml/text/moment.js';
import { type DecimalMark, readNumber } from '../../ml/text/number.js';
import { numberIn } from '../../rows/parser.js';
import type { ColumnReading, Hints } from './reading.js';
import { Classifier, isDay, LIKE_DATES } from './texts.js';
import { flag, share } from './wording.js';

/** Share of numbers, or of dates, from which the other values of a column are taken for mistakes. */
export const MOSTLY = 0.95;
/** Number of numbers with a decimal mark that suffices to know it. */
const ENOUGH = 100;

/** Surveys the texts of a column to decide their kind and format. */
export class Survey {
  private rows = 0;
  private gaps = 0;
  private marks = 0;
  private numbers = 0;
  private readonly units = new Map<string, number>();
  private readonly shown = { point: 0, comma: 0 };
  /** A number whose decimal mark is ambiguous. */
  private unclear: string | undefined;
  /** Count of numbers that are a day such as 20240131, or a moment such as 20240131083000. */
  private days = 0;
  private day = '';
  /** The first number with a multiplier, as 10k. */
  private scaled: { text: string; value: number } | undefined;
  /** Count, and first, of the plain numbers that may be each kind of date. */
  private readonly likeDates = new Map(LIKE_DATES.map((each) => [each, { count: 0, first: 0 }]));
  /** Counts of texts with digits that are not readable as numbers or dates. */
  private readonly unread = { dates: 0, numbers: 0, first: '' };
  private dates = 0;
  private times = 0;
  private readonly ordered = { dmy: 0, mdy: 0, both: 0 };
  private shape: { text: string; dotted: boolean } | undefined;
  private hasShortYear = false;
  private readonly texts: Classifier;

  constructor(
    private readonly name: string,
    private readonly hints: Hints,
    /** The decimal mark of the rest of the file. */
    private readonly ofFile: DecimalMark,
  ) {
    this.texts = new Classifier(hints, ofFile);
  }

  add(block: Block, row: number, column: number): void {
    this.rows++;
    const value = numberIn(block, row, column, this.ofFile);
    if (Number.isFinite(value)) this.addPlain(value, block, row, column);
    else this.addText(canonical(block.text(row, column)) || (this.hints.blank ?? ''));
  }

  private addPlain(value: number, block: Block, row: number, column: number): void {
    if (this.hints.missing?.includes(canonical(block.text(row, column)))) {
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
    const found = this.texts.classify(text);
    switch (found.is) {
      case 'gap':
        this.gaps++;
        return;
      case 'mark':
        this.marks++;
        return;
      case 'number': {
        const { unit, scaled, value } = found.written;
        this.numbers++;
        if (scaled) this.scaled ??= { text, value };
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
        this.unread[found.as]++;
        return;
      case 'ordered':
        this.shape ??= { text, dotted: found.dotted };
        this.hasShortYear ||= found.isShort;
        if (found.orders.length === 2) this.ordered.both++;
        else for (const order of found.orders as ('dmy' | 'mdy')[]) this.ordered[order]++;
    }
  }

  /** Decides how to read the column. */
  settle(): ColumnReading {
    const known = this.rows - this.gaps - this.marks;
    const [commonest, most] = [...this.units].toSorted(([, a], [, b]) => b - a)[0] ?? ['', 0];
    // A unit that few numbers have is a mistake like any other text.
    const [unit, withUnit] = most > (1 - MOSTLY) * this.numbers ? [commonest, most] : ['', 0];
    const numbers = this.numbers + withUnit - sum(this.units.values());
    const { kind = this.kindOf(known, numbers), missing = [], values = [], blank } = this.hints;
    const isKindGiven = this.hints.kind !== undefined || undefined;
    const read = { kind, missing, values, ...defined({ isKindGiven, blank }) };
    switch (kind) {
      case 'number': {
        const mark = this.settleMark(unit, numbers - withUnit);
        return { ...read, ...(unit !== '' && { unit }), ...mark };
      }
      case 'datetime':
        return { ...read, ...this.settleOrder() };
      case 'category': {
        const unread = isKindGiven ? {} : this.noteOnUnread(known);
        return { ...read, notes: this.notesOnWords(known, numbers), ...unread };
      }
    }
  }

  private kindOf(known: number, numbers: number): ColumnReading['kind'] {
    if (known === 0 || (this.hints.values?.length ?? 0) > 0) return 'category';
    const dates = this.dates + this.ordered.both + Math.max(this.ordered.dmy, this.ordered.mdy);
    if (this.days > 0 && this.days === this.numbers && this.days + dates >= MOSTLY * known)
      return 'datetime';
    if (numbers >= MOSTLY * known) return 'number';
    return dates >= MOSTLY * known ? 'datetime' : 'category';
  }

  /** Decides the decimal mark. @param bare count of numbers without a unit */
  private settleMark(unit: string, bare: number): Pick<ColumnReading, 'decimal' | 'notes'> {
    const { point, comma } = this.shown;
    const found = comma > point ? 'comma' : point > comma ? 'point' : undefined;
    const decimal = this.hints.decimal ?? found ?? this.ofFile;
    const notes: string[] = [];
    if (unit !== '')
      notes.push(`is in ${JSON.stringify(unit)}: ${exampleOf(unit, bare, this.numbers)}`);
    if (this.scaled)
      notes.push(
        `${this.scaled.text} is read as ${this.scaled.value}; name its letter as the "unit" of the spec if it is one`,
      );
    for (const [like, { count, first }] of this.likeDates)
      if (!this.hints.kind && count > 0 && count === this.numbers)
        notes.push(`is taken as a number; if ${first} is ${like.what}, ${like.remedy}`);
    if (this.unclear !== undefined && !found && !this.hints.decimal) {
      const other: DecimalMark = decimal === 'point' ? 'comma' : 'point';
      const [here, there] = [decimal, other].map((mark) => readNumber(this.unclear!, mark)?.value);
      const remedy = flag('decimal', this.name, other);
      notes.push(`${this.unclear} is read as ${here}; ${remedy} reads it as ${there}`);
    } else if (point > 0 && comma > 0)
      notes.push('has decimal points and decimal commas: both are read');
    return { notes, ...(decimal === 'comma' && { decimal }) };
  }

  private settleOrder(): Pick<ColumnReading, 'order' | 'notes'> {
    const notes: string[] = [];
    if (this.days > 0) {
      const remedy = flag('kind', this.name, 'number');
      notes.push(`${this.day} is read as a day; ${remedy} takes it as a number`);
    }
    if (this.hasShortYear)
      notes.push('two-digit years are read as 1969 to 2068; write them in full to override this');
    const { shape } = this;
    if (!shape) return { notes };
    const { dmy, mdy } = this.ordered;
    const found = dmy > mdy ? 'dmy' : mdy > dmy ? 'mdy' : undefined;
    const order = this.hints.order ?? found ?? (shape.dotted ? 'dmy' : 'mdy');
    if (!this.hints.order && !(shape.dotted && order === 'dmy')) {
      const moment = new Date(readMoment(shape.text, order));
      const day = Number.isNaN(moment.getTime()) ? order : moment.toISOString().slice(0, 10);
      const other = order === 'dmy' ? 'mdy' : 'dmy';
      const remedy = flag('date-order', this.name, other);
      const first = order === 'dmy' ? 'day' : 'month';
      const yearFirst = Number.isNaN(readMoment(shape.text, 'ymd'))
        ? ''
        : `; ${flag('date-order', this.name, 'ymd')} takes the year first`;
      notes.push(
        found
          ? `has the ${first} first, as in ${shape.text}${yearFirst}`
          : `no date distinguishes day and month: ${shape.text} is read as ${day}, the ${first} first; ${remedy} reverses it`,
      );
    }
    return { notes, ...(!(shape.dotted && order === 'dmy') && { order }) };
  }

  /** Remarks on a column of mostly unreadable dates or numbers. */
  private noteOnUnread(known: number): Pick<ColumnReading, 'unread'> {
    const { dates, numbers, first } = this.unread;
    if (dates + numbers <= known / 2) return {};
    const shown = JSON.stringify(first);
    const unread =
      dates > numbers
        ? `dates such as ${shown} are not read: write them as 2024-01-31 or 2024-01-31T08:30:00Z`
        : `${shown} is not read as a number: write it as 1234.5 if it is one`;
    return { unread };
  }

  private notesOnWords(known: number, numbers: number): string[] {
    if (this.hints.kind || (this.hints.values?.length ?? 0) > 0) return [];
    const counted = known + this.marks;
    const dates = this.dates + this.ordered.both + this.ordered.dmy + this.ordered.mdy;
    const minority = (count: number, what: string, kind: 'number' | 'datetime') =>
      count > 0 &&
      `${share(count, counted)} of its values are ${what}, the others are not: taken as categories; ${flag('kind', this.name, kind)} reads it as ${what}`;
    return [
      minority(numbers, 'numbers', 'number'),
      minority(dates, 'dates', 'datetime'),
      this.times > counted / 2 &&
        'has times or durations, which cannot be learnt from: convert them to numbers, such as minutes',
      this.units.size > 1 &&
        `its numbers have different units: ${[...this.units.keys()].slice(0, 3).join(', ')}`,
    ].filter((note) => note !== false);
  }
}

function hasMark({ bytes, spans, columns }: Block, row: number, column: number): boolean {
  const at = 2 * (row * columns + column);
  for (let pos = spans[at]!; pos < spans[at + 1]!; pos++)
    if (bytes[pos] === POINT || bytes[pos] === COMMA) return true;
  return false;
}

function exampleOf(unit: string, bare: number, numbers: number): string {
  const example = unit === '%' ? '5% is read as 5' : 'numbers are read with it and without';
  return bare === 0 ? example : `${example}, and ${share(bare, numbers)} of them are without`;
}
