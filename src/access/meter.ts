import type { UsageRecord, UsageStore } from './port.js';

type Done = (error?: Error) => void;

/** Records usage before the response is sent. Records of one turn of the event loop are written together. */
export class Meter {
  private records: UsageRecord[] = [];
  private waiting: Done[] = [];

  constructor(private readonly store: Pick<UsageStore, 'record' | 'atOnce'>) {}

  /** Records usage. @param done called once the record is durable, or with the error */
  count(record: UsageRecord, done: Done): void {
    // One turn of the event loop reads from many connections: one write for all of them.
    if (this.records.length === 0) setImmediate(() => this.flush());
    this.records.push(record);
    this.waiting.push(done);
  }

  private flush(): void {
    const { records, waiting } = this;
    this.records = [];
    this.waiting = [];
    const { atOnce = records.length } = this.store;
    if (records.length <= atOnce) {
      this.record(records, waiting);
      return;
    }
    for (let from = 0; from < records.length; from += atOnce)
      this.record(records.slice(from, from + atOnce), waiting.slice(from, from + atOnce));
  }

  private record(records: readonly UsageRecord[], waiting: readonly Done[]): void {
    const settle = (error?: Error): void => {
      for (const done of waiting) done(error);
    };
    try {
      const recording = this.store.record(records);
      if (recording) recording.then(() => settle(), settle);
      else settle();
    } catch (error) {
      settle(error as Error);
    }
  }
}
