import { canonical } from '../../ml/encoding/words.js';
import type { Feature, Target } from '../../ml/spec.js';
import { isMissingMark, isMissingWord } from '../../ml/text/missing.js';
import { type DateOrder, readMoment } from '../../ml/text/moment.js';
import { amountIn, type DecimalMark, readNumber, sentinelsOf } from '../../ml/text/number.js';

/** What the values of a column are. */
export type Kind = 'number' | 'category' | 'datetime';

/** What a person says about a column; the rest is found out. */
export interface Said {
  kind?: Kind;
  /** Words that mean unknown, and words that are values though they look as if they did. */
  missing?: readonly string[];
  values?: readonly string[];
  /** What a blank of the target means. */
  blank?: string;
  decimal?: DecimalMark;
  order?: DateOrder;
}

/** How the texts of a column are read. */
export interface Reading extends Said {
  kind: Kind;
  /** Whether a person says so. */
  isKindSaid?: true;
  unit?: string;
  /** What texts seem to be that are read as words. */
  unread?: string;
  /** What was found out and may be wrong, with the way to say otherwise. */
  notes: readonly string[];
}

/** How a column is read that a feature or target declares. */
export function readingOf(declared: Feature | (Target & { kind?: undefined })): Reading {
  const words = 'missing' in declared ? (declared.missing ?? []) : [];
  const missing = words.map(String);
  switch (declared.kind) {
    case 'category':
      return { kind: 'category', missing, values: declared.categories, notes: [] };
    case 'datetime':
      return {
        kind: 'datetime',
        missing,
        notes: [],
        ...(declared.order && { order: declared.order }),
      };
    case 'image':
      return { kind: 'category', notes: [] };
    default: {
      const { unit, decimal } = declared;
      const classes = 'classes' in declared && declared.above === undefined && declared.classes;
      const blank = 'blank' in declared ? declared.blank : undefined;
      return {
        kind: classes ? 'category' : 'number',
        missing,
        notes: [],
        ...(classes && { values: classes }),
        ...(blank !== undefined && { blank }),
        ...(unit !== undefined && { unit }),
        ...(decimal && { decimal }),
      };
    }
  }
}

/** Reads the texts of a column. */
export class ColumnReader {
  readonly decimal: DecimalMark;
  private readonly missing: ReadonlySet<string>;
  private readonly values: ReadonlySet<string>;
  private readonly sentinels: readonly number[];

  constructor(
    readonly reading: Reading,
    decimal: DecimalMark,
  ) {
    this.decimal = reading.decimal ?? decimal;
    this.missing = new Set(reading.missing);
    this.values = new Set(reading.values);
    this.sentinels = reading.kind === 'number' ? sentinelsOf(reading.missing?.map(String)) : [];
  }

  /** Returns the text of a field in its canonical form; what a blank means in place of a blank. */
  textOf(field: string): string {
    return canonical(field) || (this.reading.blank ?? '');
  }

  /** Whether a text says that its value is not known. @param text without blanks around it */
  isGap(text: string): boolean {
    if (this.values.has(text)) return false;
    if (this.missing.has(text) || isMissingWord(text)) return true;
    return this.reading.kind !== 'category' && isMissingMark(text);
  }

  isSentinel(value: number): boolean {
    return this.sentinels.includes(value);
  }

  /** The number that a text is, NaN when it is none. */
  number(text: string): number {
    const written = readNumber(text, this.decimal);
    return (written && amountIn(this.reading.unit, written)) ?? Number.NaN;
  }

  /** Milliseconds since 1970, NaN for text that is not a date. */
  moment(text: string): number {
    return readMoment(text, this.reading.order);
  }
}
