import { type Fault, LapidaryError } from '../core/errors.js';
import { featureReader } from '../ml/encoding/features.js';
import { WordIndex } from '../ml/encoding/words.js';
import { type Feature, layoutOf, type NumberFeature, type RowSpec } from '../ml/spec.js';
import type { Block } from './csv/block.js';
import { Categories, UNKNOWN } from './csv/categories.js';
import { INVALID, parseNumber } from './csv/number.js';
import type { CsvReader } from './csv/reader.js';
import { isMissing } from './missing.js';

/** Reads one field to its place among a row's values, or tells what is wrong with it. */
type ReadField = (
  block: Block,
  row: number,
  values: Float64Array,
  at: number,
) => Omit<Fault, 'instance' | 'field'> | undefined;

interface Column {
  name: string;
  /** Where it stands in the file, and among a row's values. */
  place: number;
  offset: number;
  read: ReadField;
}

/** Reads rows of a CSV file to the values of a spec's features, straight from the bytes. */
export class RowParser {
  private readonly columns: readonly Column[];
  private readonly target: Column | undefined;
  private readonly targetOptional: boolean;

  /**
   * @param wanted whether rows have a target too
   * @throws LapidaryError `invalid_dataset` when the header lacks a column
   */
  constructor(
    spec: RowSpec,
    { header, dialect }: CsvReader,
    wanted: 'features' | 'target' = 'target',
  ) {
    const names = spec.features.map((feature) => feature.name);
    const missing = [...names, ...(wanted === 'target' ? [spec.target.name] : [])].filter(
      (name) => !header.includes(name),
    );
    if (missing.length > 0) {
      throw new LapidaryError(
        'invalid_dataset',
        `line 1: no column is called ${missing.join(', ')}; there are ${header.join(', ')}`,
      );
    }
    this.targetOptional = spec.target.optional ?? false;
    const { offsets } = layoutOf(spec);
    this.columns = spec.features.map((feature) => {
      const place = header.indexOf(feature.name);
      const read = fieldReader(feature, place, dialect.decimalComma);
      return { name: feature.name, place, offset: offsets.get(feature.name)!, read };
    });
    if (wanted === 'target') {
      const { name } = spec.target;
      const place = header.indexOf(name);
      this.target = {
        name,
        place,
        offset: 0,
        read: targetReader(spec, place, dialect.decimalComma),
      };
    }
  }

  /** Reads a row's features to `values` from `base` on; what is wrong with it is added to `faults`. */
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

  /** Whether a row may be left out, as it has no target and need not have one. */
  lacksTarget(block: Block, row: number): boolean {
    return this.targetOptional && isMissing(block.text(row, this.target!.place));
  }

  /** Reads a row's target to `targets[at]`; what is wrong with it is added to `faults`. */
  readTarget(block: Block, row: number, targets: Float64Array, at: number, faults: Fault[]): void {
    const { name, read } = this.target!;
    const fault = read(block, row, targets, at);
    if (fault) faults.push({ instance: block.lines[row]!, field: name, ...fault });
  }
}

function fieldReader(feature: Feature, column: number, decimalComma: boolean): ReadField {
  const readValue = featureReader(feature);
  switch (feature.kind) {
    case 'number':
      return numberField(feature, readValue, column, decimalComma);
    case 'category': {
      const known = new Categories(feature.categories);
      return (block, row, values, at) => {
        const span = 2 * (row * block.columns + column);
        const index = known.indexOf(block.bytes, block.spans[span]!, block.spans[span + 1]!);
        if (index !== UNKNOWN) values[at] = index;
        else return readValue(block.text(row, column) || null, values, at);
        return undefined;
      };
    }
    case 'datetime':
      return (block, row, values, at) => {
        const text = block.text(row, column);
        return readValue(isMissing(text) ? null : toIso(text), values, at);
      };
    case 'image':
      throw new LapidaryError('invalid_dataset', `${feature.name}: a CSV file holds no images`);
  }
}

function numberField(
  { minimum, maximum, missing = [] }: NumberFeature,
  readValue: ReturnType<typeof featureReader>,
  column: number,
  decimalComma: boolean,
): ReadField {
  const low = minimum ?? -Number.MAX_VALUE;
  const high = maximum ?? Number.MAX_VALUE;
  return (block, row, values, at) => {
    const span = 2 * (row * block.columns + column);
    const value = parseNumber(
      block.bytes,
      block.spans[span]!,
      block.spans[span + 1]!,
      decimalComma,
    );
    if (value >= low && value <= high && !missing.includes(value)) {
      values[at] = value;
      return undefined;
    }
    if (value === INVALID) {
      const text = block.text(row, column);
      return readValue(isMissing(text) ? null : text, values, at);
    }
    return readValue(Number.isNaN(value) ? null : value, values, at);
  };
}

function targetReader({ task, target }: RowSpec, column: number, decimalComma: boolean): ReadField {
  const fault = (message: string) => ({ code: 'invalid_target', message });
  const readNumber = (block: Block, row: number) => {
    const span = 2 * (row * block.columns + column);
    return parseNumber(block.bytes, block.spans[span]!, block.spans[span + 1]!, decimalComma);
  };
  if (task === 'regression' || target.above !== undefined) {
    return (block, row, values, at) => {
      const value = readNumber(block, row);
      if (!Number.isFinite(value)) return fault('must be a number');
      if (target.transform === 'log' && value <= 0)
        return fault('must be above 0 to have a logarithm');
      values[at] = value;
      return undefined;
    };
  }
  const classes = new Categories(target.classes ?? []);
  const spellings = new WordIndex(target.classes ?? []);
  return (block, row, values, at) => {
    const span = 2 * (row * block.columns + column);
    let index = classes.indexOf(block.bytes, block.spans[span]!, block.spans[span + 1]!);
    if (index === UNKNOWN) index = spellings.find(block.text(row, column)) ?? UNKNOWN;
    if (index === UNKNOWN)
      return fault(
        `${JSON.stringify(block.text(row, column).slice(0, 100))} is none of its classes`,
      );
    values[at] = index;
    return undefined;
  };
}

/** Data writes dates as 2026/01/31 08:30 too; the API takes ISO 8601 alone. */
export function toIso(text: string): string {
  const day = text.slice(0, 10).replaceAll('/', '-');
  return day + text.slice(10).replace(/^ /, 'T');
}
