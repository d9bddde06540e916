import type { DailyUsage, UsageRecord } from '../../access/port.js';

/** The sum of records with the same client, model and day. */
export interface Sum extends DailyUsage {
  /** Number of records. */
  records: number;
}

/** Records of one transaction: one write for each sum and each id. */
export class UsageTally {
  private readonly byPlace = new Map<string, Sum>();
  private readonly byId = new Map<string, UsageRecord>();

  /** @param maxWrites of a transaction */
  constructor(private readonly maxWrites: number) {}

  get sums(): Sum[] {
    return [...this.byPlace.values()];
  }

  get ids(): string[] {
    return [...this.byId.keys()];
  }

  get isEmpty(): boolean {
    return this.byPlace.size === 0;
  }

  /** Adds all records. @returns false when they need too many writes; none is added then */
  tryAdd(records: readonly UsageRecord[]): boolean {
    const ids = new Map<string, UsageRecord>();
    const fresh = records.filter((record) => {
      if (record.id === undefined) return true;
      if (this.byId.has(record.id) || ids.has(record.id)) return false;
      ids.set(record.id, record);
      return true;
    });
    const places = new Set(fresh.map(placeOf).filter((place) => !this.byPlace.has(place)));
    const writes = this.byPlace.size + places.size + this.byId.size + ids.size;
    if (writes > this.maxWrites) return false;
    for (const [id, record] of ids) this.byId.set(id, record);
    for (const record of fresh) this.add(record, 1);
    return true;
  }

  /** Removes the record of an id that was counted before. */
  drop(id: string): void {
    const record = this.byId.get(id)!;
    this.byId.delete(id);
    this.add(record, -1);
  }

  private add(record: UsageRecord, times: 1 | -1): void {
    const { client, model } = record;
    const place = placeOf(record);
    const sum = this.byPlace.get(place) ?? { client, model, day: dayOf(record), ...NOTHING };
    sum.records += times;
    for (const amount of AMOUNTS) sum[amount] += times * (record[amount] ?? 0);
    if (sum.records > 0) this.byPlace.set(place, sum);
    else this.byPlace.delete(place);
  }
}

export const AMOUNTS = ['requests', 'predictions', 'storedBytes', 'trainingSeconds'] as const;
const NOTHING = { requests: 0, predictions: 0, storedBytes: 0, trainingSeconds: 0, records: 0 };

function placeOf(record: UsageRecord): string {
  return JSON.stringify([record.client, record.model, dayOf(record)]);
}

function dayOf({ at }: UsageRecord): string {
  return new Date(at).toISOString().slice(0, 10);
}
