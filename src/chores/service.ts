import { OPERATOR } from '../core/operator.js';
import { eventType, type Signals } from '../core/signals.js';
import { type Chore, type Due, type DueStore, nextFull } from './port.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** How often hosts do a round. */
export const ROUND_MS = 5 * MINUTE_MS;
/** Time after which a round starts no further chore; the next round continues. */
const ROUND_LASTS_MS = MINUTE_MS;
const AT_ONCE = 100;
const LONGEST_WAIT_MS = 24 * HOUR_MS;
/** The chore whose entries are the leases of rounds; those of processes that died are removed when they are due. */
const LEASE = 'lease';

const CHORE_FAILED = eventType<{ chore: string; client: string; subject?: string; err: unknown }>(
  'chore.failed',
  'error',
  'a chore failed; it is tried again later',
);

/** Does the chores of all clients. */
export class UpkeepService {
  private readonly chores: ReadonlyMap<string, Chore>;
  /** Of the latest hourly entries that this process added; undefined before its first round. */
  private hourlyAt: Date | undefined;
  private running: Promise<unknown> = Promise.resolve();
  private isEnding = false;

  /** @param now milliseconds, as Date.now */
  constructor(
    chores: readonly Chore[],
    private readonly store: DueStore,
    private readonly signals: Signals,
    private readonly now: () => number = Date.now,
  ) {
    this.chores = new Map(chores.map((chore) => [chore.name, chore]));
  }

  /**
   * Does the chores that are due, unless another process is doing so. A failed chore is logged and due again later; the
   * others still run.
   * @returns the number of failures
   */
  round(lastsMs = ROUND_LASTS_MS): Promise<number> {
    const round = this.doRound(lastsMs);
    this.running = round.catch(() => {});
    return round;
  }

  /** Ends a round that is running after its current chore, and waits for it: its lease would hold up other processes. */
  async end(): Promise<void> {
    this.isEnding = true;
    await this.running;
  }

  /**
   * Does each chore for all subjects of the clients, including those that the index lacks, and adds those that are due
   * later to the index.
   * @returns the number of failures
   */
  async doAll(clients: readonly string[]): Promise<number> {
    let failed = 0;
    for (const client of clients)
      for (const chore of this.chores.values())
        try {
          for (const subject of await chore.subjects(client))
            failed += await this.settle({ chore: chore.name, client, subject });
        } catch (err) {
          failed++;
          this.signals.event(CHORE_FAILED, { chore: chore.name, client, err });
        }
    return failed;
  }

  private async doRound(lastsMs: number): Promise<number> {
    const failed = await this.doHourly();
    if ((await this.store.list(new Date(this.now()), 1)).length === 0) return failed;
    const at = nextFull(ROUND_MS, this.now());
    const lease: Due = { chore: LEASE, client: OPERATOR, subject: LEASE, at, failures: 0 };
    if (!(await this.store.add(lease))) return failed;
    try {
      return failed + (await this.doDue(this.now() + lastsMs));
    } finally {
      await this.store.remove(lease);
    }
  }

  private async doDue(until: number): Promise<number> {
    let failed = 0;
    for (;;) {
      const entries = await this.store.list(new Date(this.now()), AT_ONCE);
      for (const due of entries) {
        if (this.isEnding || this.now() >= until) return failed;
        if (due.chore !== LEASE) failed += await this.settle(due);
        await this.store.remove(due);
      }
      if (entries.length < AT_ONCE) return failed;
    }
  }

  /** Does a chore, and adds an entry if it is due again. @returns 1 when it failed */
  private async settle({
    chore,
    client,
    subject,
    failures = 0,
  }: Omit<Due, 'at' | 'failures'> & Partial<Due>): Promise<number> {
    try {
      const known = this.chores.get(chore);
      if (!known) throw new Error(`unknown chore "${chore}"`);
      const again = await known.do(client, subject);
      if (again) {
        const at = new Date(Math.max(again.getTime(), this.now() + MINUTE_MS));
        await this.store.add({ chore, client, subject, at, failures: 0 });
      }
      return 0;
    } catch (err) {
      this.signals.event(CHORE_FAILED, { chore, client, subject, err });
      const wait = Math.min(ROUND_MS * 2 ** failures, LONGEST_WAIT_MS);
      const at = new Date(this.now() + wait);
      await this.store.add({ chore, client, subject, at, failures: failures + 1 });
      return 1;
    }
  }

  /** Does hourly subjects at start, without the index, and adds them for each hour from then on. */
  private async doHourly(): Promise<number> {
    const isFirst = this.hourlyAt === undefined;
    const at = isFirst ? new Date(this.now()) : nextFull(HOUR_MS, this.now());
    if (at.getTime() === this.hourlyAt?.getTime()) return 0;
    let failed = 0;
    for (const { name: chore, hourly: subject } of this.chores.values()) {
      if (subject === undefined) continue;
      if (isFirst) failed += await this.settle({ chore, client: OPERATOR, subject });
      else await this.store.add({ chore, client: OPERATOR, subject, at, failures: 0 });
    }
    this.hourlyAt = at;
    return failed;
  }
}
