import type { Meter } from './meter.js';
import { monthOf } from './quota.js';
import type { UsageService } from './usage.js';

/** A job of a client, as far as it is counted. */
export interface CountedJob {
  id: string;
  client: string;
  model: string;
  attempts: number;
}

/** What clients may still have done beside their requests, and what was. */
export class JobUsage {
  constructor(
    private readonly usage: Pick<UsageService, 'report'>,
    private readonly meter: Pick<Meter, 'count'>,
    private readonly now: () => number = Date.now,
  ) {}

  /** What is left of this month; null: any number. @throws LapidaryError `client_not_found` */
  async left(
    client: string,
  ): Promise<{ predictions: number | null; trainingSeconds: number | null }> {
    const [usage] = await this.usage.report(monthOf(this.now()), client);
    const { predictionsLeft, trainingSecondsLeft } = usage!;
    return { predictions: predictionsLeft, trainingSeconds: trainingSecondsLeft };
  }

  /** Counts seconds of training, begun ones whole; an attempt once, however often it is told. */
  countTraining({ id, client, model, attempts }: CountedJob, seconds: number): Promise<void> {
    const told = { id: `training:${id}:${attempts}`, trainingSeconds: Math.ceil(seconds) };
    return this.count({ client, model, ...told });
  }

  /** Counts the predictions of a job, once, however often it is told. */
  countPredictions({ id, client, model }: CountedJob, predictions: number): Promise<void> {
    return this.count({ client, model, id: `predictions:${id}`, predictions });
  }

  private count(record: Omit<Parameters<Meter['count']>[0], 'at'>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.meter.count({ ...record, at: this.now() }, (error) =>
        error ? reject(error) : resolve(),
      );
    });
  }
}
