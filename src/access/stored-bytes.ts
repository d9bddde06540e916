import { LapidaryError } from '../core/errors.js';
import type { Room, StoredBytes } from '../core/room.js';
import { type Plan, storedBytesOf } from './plans.js';

/** How old the knowledge of what other processes store may be. */
const MEASURE_AGAIN_MS = 30_000;
/** A client that is at its limit is not measured more often. */
const MEASURE_AT_MOST_MS = 500;

interface Taken {
  bytes: number;
}

/**
 * Keeps a client within the bytes that its plan allows it to have stored, while they come. What several processes
 * take at the same time each of them sees only once it is written.
 */
export class StorageQuota {
  private stored = 0;
  private measuredAt = Number.NEGATIVE_INFINITY;
  private measuring: Promise<void> | undefined;
  /** What is being written, as far as it is not in {@link stored}. */
  private readonly open = new Set<Taken>();

  constructor(
    private readonly place: StoredBytes,
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
    const before = [...this.open].map((taken) => ({ taken, bytes: taken.bytes }));
    this.stored = await this.place.measure();
    this.measuredAt = this.now();
    if (!this.place.countsUnfinished) return;
    for (const { taken, bytes } of before) taken.bytes -= bytes;
  }
}

function exceeded({ name }: Plan, most: number, stored: number): LapidaryError {
  const detail =
    `the plan ${name} allows ${most} stored bytes, in datasets, uploads, batch predictions and models; ` +
    `${stored} are stored: remove some, or wait until old results expire`;
  return new LapidaryError('plan_exceeded', detail);
}
