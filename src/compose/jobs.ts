import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { LocalJobWorkers } from '../adapters/local/job-workers.js';
import { OPERATOR } from '../core/operator.js';
import type { Signals } from '../core/signals.js';
import type { Job, JobNotifier, JobRow, JobStore, Succeeded } from '../jobs/port.js';
import type { JobService } from '../jobs/service.js';
import type { Config } from './config.js';
import { once } from './once.js';

/** The opened jobs. */
export interface OpenJobs {
  store: JobStore;
  serviceOf(client: string): JobService;
  notifier: JobNotifier;
}

/** Dependencies of the jobs of a process. */
export interface JobsParts {
  table: readonly JobRow[];
  signals: Signals;
  /** Called with each job that a worker process completes; without it, none is started. */
  onSuccess: ((job: Succeeded['succeeded']) => void) | undefined;
}

/** Opens the store of jobs and starts worker processes, both on first use. */
export class Jobs {
  readonly open: () => Promise<OpenJobs>;
  private readonly directory: string;
  private workers: LocalJobWorkers | undefined;

  constructor(
    private readonly config: Config,
    private readonly parts: JobsParts,
  ) {
    this.open = once(() => this.load());
    this.directory = join(config.DATA_DIR, 'jobs');
  }

  /**
   * Starts worker processes for jobs that are queued already or were submitted by another process; without such jobs, it
   * loads nothing. Running workers poll by themselves.
   */
  async resume(): Promise<void> {
    const isUntouched = this.config.JOBS_TABLE === '' && !existsSync(this.directory);
    if (!this.hasWorkers || isUntouched) return;
    const { store } = await this.open();
    const kinds = this.parts.table.map(({ kind }) => kind);
    for (const { kind } of await store.listOpen())
      if (kinds.includes(kind)) this.workers?.start(kind);
  }

  /** Ends the worker processes. */
  async stop(): Promise<void> {
    await this.workers?.stop();
  }

  /** A configured queue notifies other workers, which run the jobs. */
  private get hasWorkers(): boolean {
    const { JOB_WORKERS, JOBS_QUEUE_URL } = this.config;
    return this.parts.onSuccess !== undefined && JOB_WORKERS > 0 && JOBS_QUEUE_URL === '';
  }

  private async load(): Promise<OpenJobs> {
    const { JobService } = await import('../jobs/service.js');
    const { watchUnneeded } = await import('../jobs/watched-store.js');
    const { store: kept, notifier = await this.openWorkers() } = await this.openStore();
    const rows = new Map(this.parts.table.map((row) => [row.kind, row]));
    const discard = async (job: Job) => rows.get(job.kind)?.discard?.(job);
    // A chore removes the rest later.
    const store = watchUnneeded(kept, (job) => discard(job).catch(() => undefined));
    const limits = { most: this.config.MAX_JOBS };
    return {
      store,
      notifier,
      serviceOf: (client) =>
        new JobService(store, notifier, client, client === OPERATOR ? {} : limits),
    };
  }

  private async openStore(): Promise<{ store: JobStore; notifier?: JobNotifier }> {
    if (this.config.JOBS_TABLE !== '') {
      const { openAwsJobs } = await import('./aws-jobs.js');
      return openAwsJobs(this.config);
    }
    const { LmdbJobStore } = await import('../adapters/local/jobs.js');
    return { store: await LmdbJobStore.open(this.directory) };
  }

  private async openWorkers(): Promise<JobNotifier> {
    if (!this.hasWorkers) return { async notify() {} };
    const { LocalJobWorkers } = await import('../adapters/local/job-workers.js');
    const main = new URL('./main.js', import.meta.url);
    this.workers = new LocalJobWorkers(main, this.config.JOB_WORKERS, {
      signals: this.parts.signals,
      onSuccess: this.parts.onSuccess!,
    });
    return this.workers;
  }
}
