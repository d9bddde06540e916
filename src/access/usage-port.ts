import type { DailyUsage, UsageRecord } from './port.js';

/** Keeps what was metered. Any number of processes may work on the same place. */
export interface UsageStore {
  /** How many records it takes at once; any number when left out. */
  readonly atOnce?: number;
  /**
   * Counts records. When it has returned, or what it returned has resolved, they survive the death of the
   * process. Those with an id are counted once, however often they are told.
   * @throws Error when they could not be kept: then none of them is counted
   */
  record(records: readonly UsageRecord[]): Promise<void> | undefined;
  /** The usage of a month such as 2026-01, of all clients or one, with all that any process has recorded. */
  read(month: string, client?: string): Promise<DailyUsage[]>;
  close(): Promise<void>;
}
