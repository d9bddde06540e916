import type { UsageRecord } from './port.js';
import type { UsageStore } from './usage-port.js';

type Done = (error?: Error) => void;

/** Has usage recorded before what was used leaves: all that is told within a turn at once. */
export class Meter {
  private records: UsageRecord[] = [];
  private waiting: Done[] = [];

  constructor(private readonly store: Pick<UsageStore, 'record' | 'atOnce'>) {}

  /** @param done is called once the record survives the death of the process, or with the reason why not */
  count(record: UsageRecord, done: Done): void {
    // A turn of the event loop reads from many connections: what they ask for is recorded together.
    if (this.records.length === 0) setImmediate(() => this.flush());
    this.records.push(record);
    this.waiting.push(done);
  }

  /** Counts seconds of training, begun ones whole; a job's attempt once, however often it is told. */
  countTraining(told: {
    client: string;
    model: string;
    job: string;
    attempt: number;
    seconds: number;
    at: number;
  }): Promise<void> {
    const { client, model, job, attempt, seconds, at } = told;
    const id = `training:${job}:${attempt}`;
    return new Promise((resolve, reject) => {
      this.count({ id, client, model, at, trainingSeconds: Math.ceil(seconds) }, (error) =>
        error ? reject(error) : resolve(),
      );
    });
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
