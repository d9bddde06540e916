import { type Fault, LapidaryError } from '../core/errors.js';

const MAX_FAULTS = 20;

/** Collects the first faults of a dataset and counts all. */
export class FaultList {
  count = 0;
  private readonly first: Fault[] = [];

  /** @param unit that the faults' instances count */
  constructor(private readonly unit: 'line' | 'row') {}

  add(faults: readonly Fault[]): void {
    this.count += faults.length;
    this.first.push(...faults.slice(0, MAX_FAULTS - this.first.length));
  }

  /** @throws LapidaryError `invalid_dataset` */
  throwIfAny(): void {
    if (this.count === 0) return;
    const lines = this.first.map(
      ({ instance, field, message }) =>
        `${this.unit} ${instance}${field === undefined ? '' : `, ${field}`}: ${message}`,
    );
    if (this.count > lines.length) lines.push(`and ${this.count - lines.length} more`);
    throw new LapidaryError('invalid_dataset', lines.join('; '), this.first);
  }
}

/** Adds the name of the data to errors of reading it. */
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

/** Adds the name of the data to an error of reading it. */
export function withOrigin(origin: string, error: unknown): unknown {
  if (!(error instanceof LapidaryError)) return error;
  return new LapidaryError(error.code, `${origin}: ${error.message}`, error.faults, {
    cause: error,
  });
}
