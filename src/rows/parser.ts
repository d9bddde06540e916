import { type Fault, LapidaryError } from '../core/errors.js';
import type { Block } from '../csv/block.js';
import { Categories, UNKNOWN } from '../csv/categories.js';
import { describeColumns } from '../csv/header.js';
import { parseNumber } from '../csv/number.js';
import type { CsvReader } from '../csv/reader.js';
import { featureReader } from '../ml/encoding/features.js';
import { isNumeric, targetReader } from '../ml/encoding/target.js';
import { type Feature, layoutOf, type NumberFeature, type RowSpec } from '../ml/spec.js';
import { type DecimalMark, sentinelsOf } from '../ml/text/number.js';
import { DecimalMarks } from './decimals.js';

/** Reads one field to its position in a row's values, or returns the fault. */
type ReadField = (
  block: Block,
  row: number,
  values: Float64Array,
  at: number,
) => Omit<Fault, 'instance' | 'field'> | undefined;

interface Column {
  name: string;
  /** Its index in the file, and in a row's values. */
  place: number;
  offset: number;
  read: ReadField;
}

/** Reads the target of a row; null if missing. */
type ReadTargetField = (
  block: Block,
  row: number,
) => number | null | Omit<Fault, 'instance' | 'field'>;

/** Reads rows of a CSV file to the values of a spec's features: plain values from bytes, others through text. */
export class RowParser {
  private columns: readonly Column[] = [];
  private readTargetField: ReadTargetField | undefined;
  private readonly marks: DecimalMarks;

  /**
   * @param wanted whether rows have a target too
   * @throws LapidaryError `invalid_dataset` if a column is missing
   */
  constructor(
    private readonly spec: RowSpec,
    private readonly csv: CsvReader,
    private readonly wanted: 'features' | 'target' = 'target',
  ) {
    const names = spec.features.map((feature) => feature.name);
    const missing = [...names, ...(wanted === 'target' ? [spec.target.name] : [])].filter(
      (name) => csv.find(name) < 0,
    );
    if (missing.length > 0) {
      throw new LapidaryError(
        'invalid_dataset',
        `line ${csv.headerLine}: column not found: ${missing.join(', ')}; ${describeColumns(csv.header)}`,
      );
    }
    for (const { name, kind } of spec.features) {
      if (kind === 'image')
        throw new LapidaryError('invalid_dataset', `${name}: a CSV file cannot hold images`);
    }
    this.marks = new DecimalMarks(csv);
  }

  /** Prepares for a block: the first decides the decimal marks of the file. */
  begin(block: Block): void {
    if (this.columns.length > 0) return;
    const { spec, csv } = this;
    const { offsets } = layoutOf(spec);
    this.columns = spec.features.map((feature) => {
      const place = csv.find(feature.name);
      const offset = offsets.get(feature.name)!;
      return { name: feature.name, place, offset, read: this.fieldReader(feature, place, block) };
    });
    if (this.wanted === 'target') this.readTargetField = this.targetField(block);
  }

  /** Writes a row's features into `values`, starting at `base`; appends faults to `faults`. */
  readFeatures(
    block: Block,
    row: number,
    values: Float64Array,
    base: number,
    faults: Fault[],
  ): void {
    for (const { name, offset, read } of this.columns) {
      const fault = read(block, row, values, base + offset);
      if (fault) faults.push({ instance: block.lines[row]!, field: name, ...fault });
    }
  }

  /**
   * Reads a row's target to `targets[at]`; adds faults to `faults`.
   * @returns whether the row has a target; otherwise it is left out
   */
  readTarget(
    block: Block,
    row: number,
    targets: Float64Array,
    at: number,
    faults: Fault[],
  ): boolean {
    const target = this.readTargetField!(block, row);
    if (target === null) return false;
    if (typeof target === 'number') targets[at] = target;
    else faults.push({ instance: block.lines[row]!, field: this.spec.target.name, ...target });
    return true;
  }

  /** Returns the text of a row's target. */
  targetText(block: Block, row: number): string {
    return block.text(row, this.csv.find(this.spec.target.name));
  }

  private fieldReader(feature: Feature, place: number, block: Block): ReadField {
    switch (feature.kind) {
      case 'number':
        return numberField(feature, place, this.marks.of(block, place, feature.decimal));
      case 'category':
        return categoryField(feature.categories, featureReader(feature), place);
      default: {
        const readValue = featureReader(feature);
        return (rows, row, values, at) => readValue(rows.text(row, place), values, at);
      }
    }
  }

  private targetField(block: Block): ReadTargetField {
    const { spec, csv } = this;
    const { target } = spec;
    const place = csv.find(target.name);
    if (!isNumeric(spec)) return classField(spec, place);
    const decimal = this.marks.of(block, place, target.decimal);
    const readValue = targetReader(spec, decimal);
    const isPlain = target.transform !== 'log' && target.missing === undefined;
    return (rows, row) => {
      const value = numberIn(rows, row, place, decimal);
      if (Number.isFinite(value)) return isPlain ? value : readValue(value);
      return readValue(rows.text(row, place));
    };
  }
}

function numberField(feature: NumberFeature, place: number, decimal: DecimalMark): ReadField {
  const readValue = featureReader(feature, decimal);
  const low = feature.minimum ?? -Number.MAX_VALUE;
  const high = feature.maximum ?? Number.MAX_VALUE;
  const sentinels = sentinelsOf(feature.missing);
  return (block, row, values, at) => {
    const value = numberIn(block, row, place, decimal);
    if (value >= low && value <= high && !sentinels.includes(value)) {
      values[at] = value;
      return undefined;
    }
    return readValue(Number.isFinite(value) ? value : block.text(row, place), values, at);
  };
}

/** Returns the number in a field; NaN or infinite if the text is not a plain number. */
export function numberIn(block: Block, row: number, place: number, decimal: DecimalMark): number {
  const span = 2 * (row * block.columns + place);
  const [start, end] = [block.spans[span]!, block.spans[span + 1]!];
  return parseNumber(block.bytes, start, end, decimal === 'comma');
}

function categoryField(
  categories: readonly string[],
  readValue: ReturnType<typeof featureReader>,
  place: number,
): ReadField {
  const known = new Categories(categories);
  return (block, row, values, at) => {
    const index = indexIn(block, row, place, known);
    if (index === UNKNOWN) return readValue(block.text(row, place) || null, values, at);
    values[at] = index;
    return undefined;
  };
}

function classField(spec: RowSpec, place: number): ReadTargetField {
  const classes = new Categories(spec.target.classes ?? []);
  const readValue = targetReader(spec);
  return (block, row) => {
    const index = indexIn(block, row, place, classes);
    return index === UNKNOWN ? readValue(block.text(row, place)) : index;
  };
}

function indexIn(block: Block, row: number, place: number, known: Categories): number {
  const span = 2 * (row * block.columns + place);
  return known.indexOf(block.bytes, block.spans[span]!, block.spans[span + 1]!);
}
