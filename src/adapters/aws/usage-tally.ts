import {
  addAmounts,
  type DailyUsage,
  dayOf,
  NO_USAGE,
  type UsageRecord,
} from '../../access/port.js';

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
    const none = { client, model, day: dayOf(record.at), ...NO_USAGE, records: 0 };
    const sum = this.byPlace.get(place) ?? none;
    sum.records += times;
    addAmounts(sum, record, times);
    if (sum.records > 0) this.byPlace.set(place, sum);
    else this.byPlace.delete(place);
  }
}

function placeOf({ client, model, at }: UsageRecord): string {
  return JSON.stringify([client, model, dayOf(at)]);
}
