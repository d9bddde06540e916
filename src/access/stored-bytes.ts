import { LapidaryError } from '../core/errors.js';
import type { Room } from '../core/room.js';
import { type Plan, storedBytesOf } from './plans.js';

/** Milliseconds after which stored bytes are counted again, for writes of other processes. */
const COUNT_AGAIN_MS = 30_000;
/** Shortest interval of measuring a client that is at its limit. */
const MEASURE_AT_MOST_MS = 500;

/** The bytes that a client has stored. */
export interface StoredBytes {
  /** Returns the total, without unfinished writes. */
  measure(): Promise<number>;
  /** Returns the count of added bytes, which includes removed ones, in constant time. */
  count?(): Promise<number>;
  /** Adds bytes that were stored to the count. */
  add?(bytes: number): Promise<void>;
}

/** A count may include removed bytes, so a write is only refused after a measurement. */
type Source = 'count' | 'measure';

interface Taken {
  bytes: number;
}

/**
 * Enforces the stored bytes of a client's plan while data is received. Concurrent writes of other processes count once
 * they are written.
 */
export class StorageQuota {
  private stored = 0;
  private readonly knownAt = { count: Number.NEGATIVE_INFINITY, measure: Number.NEGATIVE_INFINITY };
  private readonly asking: Partial<Record<Source, Promise<void>>> = {};
  /** Bytes being written that are not in {@link stored} yet. */
  private readonly open = new Set<Taken>();

  constructor(
    private readonly place: StoredBytes,
    private readonly planOf: () => Promise<Plan>,
    private readonly now: () => number = Date.now,
  ) {}

  async openRoom(): Promise<Room> {
    const plan = await this.planOf();
    const most = storedBytesOf(plan) ?? Number.POSITIVE_INFINITY;
    if (most !== Number.POSITIVE_INFINITY) await this.know('count', COUNT_AGAIN_MS);
    const taken: Taken = { bytes: 0 };
    this.open.add(taken);
    return {
      take: async (bytes) => {
        if (this.total + bytes > most) await this.know('measure', MEASURE_AT_MOST_MS);
        if (this.total + bytes > most) throw exceeded(plan, most, this.total);
        taken.bytes += bytes;
      },
      close: async (kept) => {
        if (kept) await this.place.add?.(taken.bytes);
        this.open.delete(taken);
        if (kept) this.stored += taken.bytes;
      },
    };
  }

  private get total(): number {
    let total = this.stored;
    for (const { bytes } of this.open) total += bytes;
    return total;
  }

  private async know(source: Source, maximumAgeMs: number): Promise<void> {
    if (this.now() - this.knownAt[source] < maximumAgeMs) return;
    this.asking[source] ??= this.ask(source).finally(() => {
      delete this.asking[source];
    });
    await this.asking[source];
  }

  private async ask(source: Source): Promise<void> {
    const { place } = this;
    const isCounted = source === 'count' && place.count !== undefined;
    this.stored = await (isCounted ? place.count!() : place.measure());
    this.knownAt.count = this.now();
    if (!isCounted) this.knownAt.measure = this.now();
  }
}

function exceeded({ name }: Plan, most: number, stored: number): LapidaryError {
  const detail =
    `the plan ${name} allows ${most} stored bytes, in datasets, uploads, batch predictions and models; ` +
    `${stored} are stored: remove some, or wait until old results expire`;
  return new LapidaryError('plan_exceeded', detail);
}
