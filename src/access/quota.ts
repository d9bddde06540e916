import { endOfMonth } from '../core/instant.js';
import type { UsageStore } from './port.js';
import { totalOf } from './usage.js';

/** The usage of a client in a month, as this process knows it. */
interface Known {
  month: string;
  /** The end of the month, milliseconds since the epoch. */
  ends: number;
  /** Predictions in the store, of all processes. */
  stored: number;
  /** Predictions that this process has recorded since it read the store. */
  recorded: number;
  /** Predictions that were admitted and are not recorded yet. */
  reserved: number;
  lookedAt: number;
  looking: Promise<void> | undefined;
}

/** Milliseconds after which the store is read again; processes may together exceed a quota within that time. */
export const LOOK_AGAIN_MS = 2000;
/** Older usage, as from before Lambda froze the process, is read again before it is used. */
const TOO_OLD_MS = 10_000;

/**
 * Enforces the monthly quotas of predictions. Admitted predictions are reserved at once: concurrent requests to one
 * process cannot exceed a quota.
 */
export class Quotas {
  private readonly clients = new Map<string, Known>();

  constructor(
    private readonly store: Pick<UsageStore, 'read'>,
    private readonly now: () => number = Date.now,
  ) {}

  /** Reads the usage of a client if needed; await it before {@link reserve}. Undefined when current usage is known. */
  prepare(client: string): Promise<void> | undefined {
    const known = this.clients.get(client);
    const now = this.now();
    if (known === undefined || now >= known.ends) return this.begin(client);
    const age = now - known.lookedAt;
    if (age >= LOOK_AGAIN_MS) known.looking ??= this.look(client, known);
    return age >= TOO_OLD_MS ? known.looking : undefined;
  }

  /** Reserves predictions; call {@link settle} afterwards. @returns false when the quota does not allow them */
  reserve(client: string, predictions: number, limit: number): boolean {
    const known = this.clients.get(client)!;
    if (known.stored + known.recorded + known.reserved + predictions > limit) return false;
    known.reserved += predictions;
    return true;
  }

  /** Ends a reservation. @param recorded whether the predictions were recorded */
  settle(client: string, predictions: number, recorded: boolean): void {
    const known = this.clients.get(client);
    // Clients without a quota are not tracked.
    if (known === undefined) return;
    // A new month may have started since.
    known.reserved = Math.max(0, known.reserved - predictions);
    if (recorded) known.recorded += predictions;
  }

  private async begin(client: string): Promise<void> {
    const month = monthOf(this.now());
    const stored = totalOf(await this.store.read(month, client)).predictions;
    // A concurrent call may have been faster.
    if (this.clients.get(client)?.month === month) return;
    const fresh = { recorded: 0, reserved: 0, lookedAt: this.now(), looking: undefined };
    this.clients.set(client, { month, ends: endOfMonth(month), stored, ...fresh });
  }

  /** Reads the store again. Records of that moment may count twice until the next read. */
  private async look(client: string, known: Known): Promise<void> {
    const before = known.recorded;
    try {
      known.stored = totalOf(await this.store.read(known.month, client)).predictions;
      known.recorded -= before;
    } catch {
      // The known usage stays in use; writing to the store reports the failure.
    }
    known.lookedAt = this.now();
    known.looking = undefined;
  }
}

/** Returns the month of an instant as 2026-01, UTC. */
export function monthOf(at: number): string {
  return new Date(at).toISOString().slice(0, 7);
}
