import { existsSync } from 'node:fs';
import type { JobWorkersObserver, LocalJobWorkers } from '../adapters/local/job-workers.js';
import type { Config } from '../config.js';
import type { JobStore } from '../jobs/port.js';
import type { JobService } from '../jobs/service.js';
import { once } from './once.js';
import { jobsDirectory, type Storage } from './storage.js';

/** Where jobs are kept, and the processes beside this one that do them: opened and started when they are needed. */
export class Jobs {
  readonly open: () => Promise<{ store: JobStore; service: JobService }>;
  private workers: LocalJobWorkers | undefined;

  /** @param observer hears of the processes; left out, there are none */
  constructor(
    private readonly config: Config,
    private readonly storage: Storage,
    private readonly observer: JobWorkersObserver | undefined,
  ) {
    this.open = once(() => this.load());
  }

  /** Has the processes beside this one do what jobs were left from before; without such, it loads nothing. */
  async resume(): Promise<void> {
    const isUntouched = this.config.STORE === 'local' && !existsSync(jobsDirectory(this.config));
    if (!this.hasWorkers || isUntouched) return;
    const { service } = await this.open();
    if ((await service.listOpen()).length > 0) this.workers?.start();
  }

  /** Ends the processes beside this one. */
  async stop(): Promise<void> {
    await this.workers?.stop();
  }

  private get hasWorkers(): boolean {
    const { JOB_WORKERS, JOBS_QUEUE_URL } = this.config;
    return this.observer !== undefined && JOB_WORKERS > 0 && JOBS_QUEUE_URL === '';
  }

  private async load() {
    const { JobService } = await import('../jobs/service.js');
    const { store, notifier } = await this.storage.jobs();
    if (this.hasWorkers) {
      const { LocalJobWorkers } = await import('../adapters/local/job-workers.js');
      const main = new URL('./main.js', import.meta.url);
      this.workers = new LocalJobWorkers(main, this.config.JOB_WORKERS, this.observer!);
    }
    const nobody = { async notify() {} };
    return { store, service: new JobService(store, notifier ?? this.workers ?? nobody) };
  }
}
