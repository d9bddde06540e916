import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { type Fault, LapidaryError } from '../core/errors.js';
import { InstanceReader } from '../ml/encoding/instance.js';
import type { Feature, Spec } from '../ml/spec.js';
import { Table } from '../ml/table.js';
import type { DataSource } from './port.js';

/** A dataset in memory, as a spec sees it. */
export interface Dataset {
  origin: string;
  /** SHA-256 of its bytes. */
  checksum: string;
  table: Table;
}

const MAX_FAULTS = 20;

/**
 * Reads a CSV dataset into the columns that a spec names; other columns are left alone.
 * @throws LapidaryError `invalid_dataset` naming line and column of what is wrong
 */
export async function readDataset(source: DataSource, spec: Spec): Promise<Dataset> {
  const hash = createHash('sha256');
  const parser = parse({
    bom: true,
    columns: (header) => checkHeader(header, spec),
    info: true,
    skip_empty_lines: true,
  });
  const records = Readable.from(hashed(source.read(), hash))
    .on('error', (e) => parser.destroy(e))
    .pipe(parser);
  const columns = new TableBuilder(spec);
  try {
    for await (const { record, info } of records) columns.add(record, info.lines);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new LapidaryError('invalid_dataset', `${source.origin}: ${error.message}`, [], {
      cause: error,
    });
  }
  return {
    origin: source.origin,
    table: columns.build(source.origin),
    checksum: hash.digest('hex'),
  };
}

async function* hashed(bytes: AsyncIterable<Uint8Array>, hash: ReturnType<typeof createHash>) {
  for await (const chunk of bytes) {
    hash.update(chunk);
    yield chunk;
  }
}

function checkHeader(header: string[], spec: Spec): string[] {
  const missing = [...spec.features.map((feature) => feature.name), spec.target.name].filter(
    (name) => !header.includes(name),
  );
  if (missing.length > 0) {
    throw new LapidaryError('invalid_dataset', `line 1: no column is called ${missing.join(', ')}`);
  }
  const twice = header.find((name, i) => header.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new LapidaryError('invalid_dataset', `line 1: two columns are called ${twice}`);
  }
  return header;
}

/** Collects the rows of a CSV as columns, and what is wrong with them. */
class TableBuilder {
  private readonly reader: InstanceReader;
  private readonly values: Float64Array;
  private readonly columns: number[][];
  private readonly target: number[] = [];
  private readonly faults: Fault[] = [];
  private readonly found: Fault[] = [];
  private faulty = 0;

  constructor(private readonly spec: Spec) {
    this.reader = new InstanceReader(spec);
    this.values = new Float64Array(this.reader.size);
    this.columns = spec.features.map(() => []);
  }

  add(record: Record<string, string>, line: number): void {
    this.found.length = 0;
    this.reader.read(toInstance(this.spec, record), line, this.values, this.found);
    const target = this.readTarget(record[this.spec.target.name]!, line);
    if (this.found.length > 0) {
      this.faulty += this.found.length;
      this.faults.push(...this.found.slice(0, MAX_FAULTS - this.faults.length));
      return;
    }
    this.columns.forEach((column, i) => {
      column.push(this.values[i]!);
    });
    this.target.push(target);
  }

  /** @throws LapidaryError telling the first faults and how many more there are */
  build(origin: string): Table {
    if (this.faulty > 0) {
      const lines = this.faults.map(
        (fault) => `line ${fault.instance}, ${fault.field}: ${fault.message}`,
      );
      if (this.faulty > lines.length) lines.push(`and ${this.faulty - lines.length} more`);
      throw new LapidaryError('invalid_dataset', `${origin}: ${lines.join('; ')}`, this.faults);
    }
    if (this.target.length === 0) {
      throw new LapidaryError('invalid_dataset', `${origin}: there are no rows in it`);
    }
    const names = this.spec.features.map((feature) => feature.name);
    const columns = new Map(names.map((name, i) => [name, Float64Array.from(this.columns[i]!)]));
    return new Table(columns, Float64Array.from(this.target));
  }

  private readTarget(text: string, line: number): number {
    const { name, transform } = this.spec.target;
    const value = parseNumber(text);
    const complain = (message: string): number => {
      this.found.push({ instance: line, field: name, code: 'invalid_target', message });
      return Number.NaN;
    };
    if (typeof value !== 'number') return complain('must be a number');
    if (transform === 'log' && value <= 0) return complain('must be above 0 to have a logarithm');
    return value;
  }
}

/** A CSV record as the instance that a JSON client would send. */
export function toInstance(
  spec: Spec,
  record: Readonly<Record<string, string>>,
): Record<string, unknown> {
  return Object.fromEntries(
    spec.features.map((feature) => [feature.name, parseField(feature, record[feature.name]!)]),
  );
}

function parseField(feature: Feature, text: string): unknown {
  return feature.kind === 'number' ? parseNumber(text) : text;
}

const NUMBER = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;

/** A number; null for an empty field; the text itself when it is none, for the reader to complain about. */
function parseNumber(text: string): number | string | null {
  if (text.trim() === '') return null;
  const value = Number(text);
  return NUMBER.test(text) && Number.isFinite(value) ? value : text;
}

/** A row of a table as the instance that a client would send: what {@link InstanceReader} read, undone. */
export function instanceAt(spec: Spec, table: Table, row: number): Record<string, unknown> {
  return Object.fromEntries(
    spec.features.map((feature) => [
      feature.name,
      formatValue(feature, table.column(feature.name)[row]!),
    ]),
  );
}

function formatValue(feature: Feature, value: number): unknown {
  switch (feature.kind) {
    case 'number':
      return Number.isNaN(value) ? (feature.missing?.[0] ?? null) : value;
    case 'category':
      return feature.categories[value];
    case 'datetime':
      return new Date(value).toISOString();
  }
}
