import type { DailyUsage, UsageRecord } from '../../access/port.js';

/** Records that belong together, added up. */
export interface Sum extends DailyUsage {
  /** How many records are in it. */
  records: number;
}

/** Records that are written in one transaction: a write for each sum, and one for each id. */
export class UsageTally {
  private readonly byPlace = new Map<string, Sum>();
  private readonly byId = new Map<string, UsageRecord>();

  /** @param maxWrites how many one transaction has */
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

  /** Adds all of the records, or none where they would be too many writes. @returns whether it did */
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

  /** Takes out the record of an id: it was counted before. */
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
