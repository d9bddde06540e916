import { LapidaryError } from '../core/errors.js';
import type { Room } from '../core/room.js';
import { type Plan, storedBytesOf } from './plans.js';

/** Milliseconds after which stored bytes are measured again, for writes of other processes. */
const MEASURE_AGAIN_MS = 30_000;
/** Shortest interval of measuring a client that is at its limit. */
const MEASURE_AT_MOST_MS = 500;

interface Taken {
  bytes: number;
}

/**
 * Enforces the stored bytes of a client's plan while data is received. Concurrent writes of other processes count once
 * they are written.
 */
export class StorageQuota {
  private stored = 0;
  private measuredAt = Number.NEGATIVE_INFINITY;
  private measuring: Promise<void> | undefined;
  /** Bytes being written that are not in {@link stored} yet. */
  private readonly open = new Set<Taken>();

  /** @param bytes measures what is stored, without what is being written */
  constructor(
    private readonly bytes: () => Promise<number>,
    private readonly planOf: () => Promise<Plan>,
    private readonly now: () => number = Date.now,
  ) {}

  async openRoom(): Promise<Room> {
    const plan = await this.planOf();
    const most = storedBytesOf(plan) ?? Number.POSITIVE_INFINITY;
    if (most !== Number.POSITIVE_INFINITY) await this.know(MEASURE_AGAIN_MS);
    const taken: Taken = { bytes: 0 };
    this.open.add(taken);
    return {
      take: async (bytes) => {
        if (this.total + bytes > most) await this.know(MEASURE_AT_MOST_MS);
        if (this.total + bytes > most) throw exceeded(plan, most, this.total);
        taken.bytes += bytes;
      },
      close: (kept) => {
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

  private async know(maximumAgeMs: number): Promise<void> {
    if (this.now() - this.measuredAt < maximumAgeMs) return;
    this.measuring ??= this.measure().finally(() => {
      this.measuring = undefined;
    });
    await this.measuring;
  }

  private async measure(): Promise<void> {
    this.stored = await this.bytes();
    this.measuredAt = this.now();
  }
}

function exceeded({ name }: Plan, most: number, stored: number): LapidaryError {
  const detail =
    `the plan ${name} allows ${most} stored bytes, in datasets, uploads, batch predictions and models; ` +
    `${stored} are stored: remove some, or wait until old results expire`;
  return new LapidaryError('plan_exceeded', detail);
}
