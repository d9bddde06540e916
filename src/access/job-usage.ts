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

/** Ids under which usage is counted once: of each attempt at a training, and of the predictions of a job. */
const COUNTED = {
  trainingSeconds: ({ id, attempts }: CountedJob) => `training:${id}:${attempts}`,
  predictions: ({ id }: CountedJob) => `predictions:${id}`,
};

/** Limits and counts the usage of clients' jobs. */
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

  /** Counts the usage of a job, rounded up; repeated calls count once. */
  count(job: CountedJob, unit: keyof typeof COUNTED, amount: number): Promise<void> {
    const { client, model } = job;
    const record = { client, model, id: COUNTED[unit](job), [unit]: Math.ceil(amount) };
    return new Promise((resolve, reject) => {
      this.meter.count({ ...record, at: this.now() }, (error) =>
        error ? reject(error) : resolve(),
      );
    });
  }
}
