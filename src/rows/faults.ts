import { type Fault, LapidaryError } from '../core/errors.js';
import type { RowBlock } from '../ml/rows.js';
import type { LeftOut } from './left-out.js';

/** Maximum number of faults in an error about data. */
export const MOST_FAULTS = 20;

/** A block of parsed rows with the faults in them; arrays may have room for more than `count` rows. */
export interface CheckedBlock extends Pick<RowBlock, 'values' | 'targets' | 'count'> {
  leftOut: LeftOut;
  faults: readonly Fault[];
}

/**
 * Yields blocks until the first fault, and reads on to collect all faults.
 * @param unit that the faults' instances count
 * @throws LapidaryError `invalid_dataset` with the first faults, or without any row
 */
export async function* soundBlocks(
  unit: 'line' | 'row',
  blocks: AsyncIterable<CheckedBlock>,
): AsyncGenerator<RowBlock> {
  const first: Fault[] = [];
  let found = 0;
  let rows = 0;
  for await (const { count, values, targets, leftOut, faults } of blocks) {
    rows += count;
    found += faults.length;
    first.push(...faults.slice(0, MOST_FAULTS - first.length));
    const words = leftOut.counted();
    if (found > 0 || (count === 0 && !words.leftOut)) continue;
    const size = (count * values.length) / targets.length;
    yield {
      count,
      values: values.subarray(0, size),
      targets: targets.subarray(0, count),
      ...words,
    };
  }
  if (found > 0) {
    const lines = first.map(
      ({ instance, field, message }) =>
        `${unit} ${instance}${field === undefined ? '' : `, ${field}`}: ${message}`,
    );
    if (found > lines.length) lines.push(`and ${found - lines.length} more`);
    throw new LapidaryError('invalid_dataset', lines.join('; '), first);
  }
  if (rows === 0) throw new LapidaryError('invalid_dataset', 'the file has no rows');
}

/** Adds the origin of items to errors in reading them. */
export async function* naming<Item>(
  origin: string,
  items: AsyncIterable<Item>,
): AsyncGenerator<Item> {
  try {
    yield* items;
  } catch (error) {
    throw withOrigin(origin, error);
  }
}

/** Adds the origin of data to an error in reading it. */
export function withOrigin(origin: string, error: unknown): unknown {
  if (!(error instanceof LapidaryError)) return error;
  return new LapidaryError(error.code, `${origin}: ${error.message}`, error.faults, {
    cause: error,
  });
}
