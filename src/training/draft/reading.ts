import { defined } from '../../core/defined.js';
import { canonical } from '../../ml/encoding/words.js';
import type { Feature, Target } from '../../ml/spec.js';
import { isMissingMark, isMissingWord } from '../../ml/text/missing.js';
import { type DateOrder, readMoment } from '../../ml/text/moment.js';
import { amountIn, type DecimalMark, readNumber, sentinelsOf } from '../../ml/text/number.js';

/** The kind of a column's values. */
export type Kind = 'number' | 'category' | 'datetime';

/** Options of the user for a column; the rest is inferred. */
export interface Hints {
  kind?: Kind;
  /** Words that mean a missing value, and words that are values although they mean missing by default. */
  missing?: readonly string[];
  values?: readonly string[];
  /** The meaning of a blank of the target. */
  blank?: string;
  decimal?: DecimalMark;
  order?: DateOrder;
}

/** Rules for reading the texts of a column. */
export interface ColumnReading extends Hints {
  kind: Kind;
  /** Whether the user specified the kind. */
  isKindGiven?: true;
  unit?: string;
  /** Remark on words that may be dates or numbers. */
  unread?: string;
  /** Inferences that may be wrong, with the flags that override them. */
  notes: readonly string[];
}

/** Returns the reading of a column that a feature or target declares. */
export function readingOf(declared: Feature | (Target & { kind?: undefined })): ColumnReading {
  const words = 'missing' in declared ? (declared.missing ?? []) : [];
  const missing = words.map(String);
  switch (declared.kind) {
    case 'category':
      return { kind: 'category', missing, values: declared.categories, notes: [] };
    case 'datetime':
      return { kind: 'datetime', missing, notes: [], ...defined({ order: declared.order }) };
    case 'image':
      return { kind: 'category', notes: [] };
    default: {
      const { unit, decimal } = declared;
      const { classes, above, blank }: Partial<Target> = declared;
      const values = above === undefined ? classes : undefined;
      const known = defined({ values, blank, unit, decimal });
      return { kind: values ? 'category' : 'number', missing, notes: [], ...known };
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
    readonly reading: ColumnReading,
    decimal: DecimalMark,
  ) {
    this.decimal = reading.decimal ?? decimal;
    this.missing = new Set(reading.missing);
    this.values = new Set(reading.values);
    this.sentinels = reading.kind === 'number' ? sentinelsOf(reading.missing?.map(String)) : [];
  }

  /** Returns the text of a field in canonical form; for a blank, its meaning. */
  textOf(field: string): string {
    return canonical(field) || (this.reading.blank ?? '');
  }

  /** Returns whether a text means a missing value. @param text trimmed */
  isGap(text: string): boolean {
    if (this.values.has(text)) return false;
    if (this.missing.has(text) || isMissingWord(text)) return true;
    return this.reading.kind !== 'category' && isMissingMark(text);
  }

  isSentinel(value: number): boolean {
    return this.sentinels.includes(value);
  }

  /** Parses a number; NaN for other text. */
  number(text: string): number {
    const written = readNumber(text, this.decimal);
    return (written && amountIn(this.reading.unit, written)) ?? Number.NaN;
  }

  /** Parses a date to milliseconds since 1970; NaN for other text. */
  moment(text: string): number {
    return readMoment(text, this.reading.order);
  }
}
