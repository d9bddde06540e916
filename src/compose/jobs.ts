import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { JobWorkersObserver, LocalJobWorkers } from '../adapters/local/job-workers.js';
import { OPERATOR } from '../core/operator.js';
import type { Job } from '../jobs/job.js';
import type { JobNotifier, JobStore } from '../jobs/port.js';
import type { JobService } from '../jobs/service.js';
import type { Config } from './config.js';
import { once } from './once.js';

/** Jobs that were opened. */
export interface OpenJobs {
  store: JobStore;
  serviceOf(client: string): JobService;
  notifier: JobNotifier;
}

/**
 * Where jobs are kept, and the processes beside this one that do them: opened and started when they are
 * needed.
 */
export class Jobs {
  readonly open: () => Promise<OpenJobs>;
  private readonly directory: string;
  private workers: LocalJobWorkers | undefined;

  /**
   * @param observer is notified of the processes; none by default
   * @param discard removes what a job stored that failed, was cancelled or is forgotten
   */
  constructor(
    private readonly config: Config,
    private readonly observer: JobWorkersObserver | undefined,
    private readonly discard: (job: Job) => Promise<void>,
  ) {
    this.open = once(() => this.load());
    this.directory = join(config.DATA_DIR, 'jobs');
  }

  /**
   * Has the processes beside this one do what jobs were left from before, or submitted by another process;
   * without such, it loads nothing. Once they run, they look for themselves.
   */
  async resume(): Promise<void> {
    const isUntouched = this.config.JOBS_TABLE === '' && !existsSync(this.directory);
    if (!this.hasWorkers || isUntouched || this.workers?.isStarted) return;
    const { store } = await this.open();
    if ((await store.listOpen()).length > 0) this.workers?.start();
  }

  /** Ends the processes beside this one. */
  async stop(): Promise<void> {
    await this.workers?.stop();
  }

  /** Where there is a queue, others are told by it, and do the jobs. */
  private get hasWorkers(): boolean {
    const { JOB_WORKERS, JOBS_QUEUE_URL } = this.config;
    return this.observer !== undefined && JOB_WORKERS > 0 && JOBS_QUEUE_URL === '';
  }

  private async load(): Promise<OpenJobs> {
    const { JobService } = await import('../jobs/service.js');
    const { watchUnneeded } = await import('../jobs/watched-store.js');
    const { store: kept, notifier = await this.openWorkers() } = await this.openStore();
    // What cannot be removed now is swept when it is old.
    const store = watchUnneeded(kept, (job) => this.discard(job).catch(() => undefined));
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
    this.workers = new LocalJobWorkers(main, this.config.JOB_WORKERS, this.observer!);
    return this.workers;
  }
}
