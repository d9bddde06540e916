import type { Meter } from './meter.js';
import { monthOf } from './quota.js';
import type { UsageService } from './usage.js';

/** The fields of a job that metering reads. */
export interface CountedJob {
  id: string;
  client: string;
  model: string;
  attempts: number;
}

/** Meters the jobs of clients. */
export class JobUsage {
  constructor(
    private readonly usage: Pick<UsageService, 'report'>,
    private readonly meter: Pick<Meter, 'count'>,
    private readonly now: () => number = Date.now,
  ) {}

  /** Returns what the plan still allows this month; null is unlimited. @throws LapidaryError `client_not_found` */
  async left(
    client: string,
  ): Promise<{ predictions: number | null; trainingSeconds: number | null }> {
    const [usage] = await this.usage.report(monthOf(this.now()), client);
    const { predictionsLeft, trainingSecondsLeft } = usage!;
    return { predictions: predictionsLeft, trainingSeconds: trainingSecondsLeft };
  }

  /** Counts seconds of training, rounded up; each attempt once, even when repeated. */
  countTraining({ id, client, model, attempts }: CountedJob, seconds: number): Promise<void> {
    const record = { id: `training:${id}:${attempts}`, trainingSeconds: Math.ceil(seconds) };
    return this.count({ client, model, ...record });
  }

  /** Counts the predictions of a job once, even when repeated. */
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
