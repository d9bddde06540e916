import { type Fault, LapidaryError } from '../core/errors.js';

const MAX_FAULTS = 20;

/** The first faults of a dataset, and how many there are. */
export class FaultList {
  count = 0;
  private readonly first: Fault[] = [];

  /** @param unit what the faults' instances count */
  constructor(private readonly unit: 'line' | 'row') {}

  add(faults: readonly Fault[]): void {
    this.count += faults.length;
    this.first.push(...faults.slice(0, MAX_FAULTS - this.first.length));
  }

  /** @throws LapidaryError `invalid_dataset` */
  throwIfAny(): void {
    if (this.count === 0) return;
    const told = this.first.map(
      ({ instance, field, message }) =>
        `${this.unit} ${instance}${field === undefined ? '' : `, ${field}`}: ${message}`,
    );
    if (this.count > told.length) told.push(`and ${this.count - told.length} more`);
    throw new LapidaryError('invalid_dataset', told.join('; '), this.first);
  }
}

/** Names the data in what goes wrong with reading it. */
export async function* naming<Item>(
  origin: string,
  items: AsyncIterable<Item>,
): AsyncGenerator<Item> {
  try {
    yield* items;
  } catch (error) {
    if (!(error instanceof LapidaryError)) throw error;
    const message = `${origin}: ${error.message}`;
    throw new LapidaryError(error.code, message, error.faults, { cause: error });
  }
}
