import { endOfMonth } from '../core/instant.js';
import { totalOf } from './usage.js';
import type { UsageStore } from './usage-port.js';

/** What a process knows of a client's month. */
interface Known {
  month: string;
  /** When the month is over. */
  ends: number;
  /** As the store had it, with all processes' records. */
  stored: number;
  /** Recorded by this process since it looked. */
  recorded: number;
  /** Let through and not yet recorded. */
  reserved: number;
  lookedAt: number;
  looking: Promise<void> | undefined;
}

/** How old the knowledge of other processes' records may be; they may exceed a quota by what they do in that time. */
export const LOOK_AGAIN_MS = 2000;
/** Knowledge of before a pause, in which Lambda stops a process, is not relied on. */
const TOO_OLD_MS = 10_000;

/**
 * Keeps clients within their predictions of the month. What is let through is reserved at once, so that one
 * process never lets through more than there is, however many ask together.
 */
export class Quotas {
  private readonly clients = new Map<string, Known>();

  constructor(
    private readonly store: Pick<UsageStore, 'read'>,
    private readonly now: () => number = Date.now,
  ) {}

  /** Has to be resolved before the others are asked about a client; waits only where nothing is known, or nothing of late. */
  prepare(client: string): Promise<void> | undefined {
    const known = this.clients.get(client);
    const now = this.now();
    if (known === undefined || now >= known.ends) return this.begin(client);
    const age = now - known.lookedAt;
    if (age >= LOOK_AGAIN_MS) known.looking ??= this.look(client, known);
    return age >= TOO_OLD_MS ? known.looking : undefined;
  }

  /** @returns whether there is as much left; then {@link settle} has to be told what became of it */
  reserve(client: string, predictions: number, limit: number): boolean {
    const known = this.clients.get(client)!;
    if (known.stored + known.recorded + known.reserved + predictions > limit) return false;
    known.reserved += predictions;
    return true;
  }

  /** What was reserved is recorded, or comes to nothing. */
  settle(client: string, predictions: number, recorded: boolean): void {
    const known = this.clients.get(client);
    // A client that may have any number is not known.
    if (known === undefined) return;
    // A month may have begun in between.
    known.reserved = Math.max(0, known.reserved - predictions);
    if (recorded) known.recorded += predictions;
  }

  private async begin(client: string): Promise<void> {
    const month = monthOf(this.now());
    const stored = totalOf(await this.store.read(month, client)).predictions;
    // Whoever asked at the same time may have been faster.
    if (this.clients.get(client)?.month === month) return;
    const fresh = { recorded: 0, reserved: 0, lookedAt: this.now(), looking: undefined };
    this.clients.set(client, { month, ends: endOfMonth(month), stored, ...fresh });
  }

  /** What is recorded while it looks may be seen and counted here as well: too much, until it looks again. */
  private async look(client: string, known: Known): Promise<void> {
    const before = known.recorded;
    try {
      known.stored = totalOf(await this.store.read(known.month, client)).predictions;
      known.recorded -= before;
    } catch {
      // What is known stays; the store fails where it is written to, and says so there.
    }
    known.lookedAt = this.now();
    known.looking = undefined;
  }
}

/** As 2026-01, UTC. */
export function monthOf(at: number): string {
  return new Date(at).toISOString().slice(0, 7);
}
