import type { BadRow } from '../rows/quarantine.js';
import { checkCsv } from './check-csv.js';
import { checkNdjson } from './check-ndjson.js';
import type { DatasetDefinition } from './definition.js';
import type { BatchFormat } from './port.js';

/** Some rows that were checked. */
export interface CheckedRows {
  /** How many are good. */
  good: number;
  /** In the order of their lines. */
  bad: readonly BadRow[];
}

/**
 * Checks rows against their dataset, some at a time.
 * @param onRemark called with what was inferred of how they are written
 * @throws LapidaryError `invalid_dataset` when a column is missing, or it is not of that format at all
 */
export function checkRows(
  format: BatchFormat,
  chunks: AsyncIterable<Uint8Array>,
  definition: DatasetDefinition,
  onRemark: (remark: string) => void,
): AsyncGenerator<CheckedRows> {
  return format === 'csv'
    ? checkCsv(chunks, definition, onRemark)
    : checkNdjson(chunks, definition);
}
