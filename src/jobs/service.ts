import type { Page, PageRequest } from '../api/page.js';
import { LapidaryError } from '../core/errors.js';
import { uuidv7 } from '../core/ids.js';
import { OPERATOR } from '../core/operator.js';
import {
  isOpen,
  type Job,
  type JobFilter,
  type JobNotifier,
  type JobStore,
  type LogLine,
} from './port.js';

/** A job to submit. */
export interface JobRequest {
  kind: string;
  model: string;
  order: unknown;
  /** Jobs of a client in one lane run one at a time; a job without a lane waits for no other. */
  lane?: string;
  /** Id of the job that submits this one as a part. */
  parent?: string;
  /** Id of a repeatable request: repeating it returns the same job. */
  id?: string;
}

/** Submits, lists and cancels the jobs of a client; {@link JobWorker} runs them. */
export class JobService {
  private readonly now: () => number;
  private readonly most: number;

  /**
   * @param options.now milliseconds, as Date.now
   * @param options.most stored jobs; unlimited by default
   */
  constructor(
    private readonly store: JobStore,
    private readonly notifier: JobNotifier,
    private readonly client = OPERATOR,
    { now = Date.now, most = Number.POSITIVE_INFINITY }: { now?: () => number; most?: number } = {},
  ) {
    this.now = now;
    this.most = most;
  }

  /**
   * Removes old jobs to make room for another.
   * @throws LapidaryError `too_many_jobs` when all jobs are open
   */
  async makeRoom(): Promise<void> {
    if (this.most === Number.POSITIVE_INFINITY) return;
    const { left } = await this.store.forgetEnded(this.client, this.most - 1);
    if (left < this.most) return;
    const detail = `${left} jobs are queued or running: wait until one has ended, or cancel one`;
    throw new LapidaryError('too_many_jobs', detail);
  }

  /**
   * Submits a job; it is stored when this resolves.
   * @returns the existing job when the id exists
   * @throws LapidaryError `too_many_jobs`
   */
  async submit({ lane, id = uuidv7(this.now()), ...request }: JobRequest): Promise<Job> {
    const known = await this.store.read(id);
    if (!known) await this.makeRoom();
    const job = await this.store.createOnce({
      id,
      client: this.client,
      ...request,
      lane: lane === undefined ? id : laneOf(this.client, lane),
      state: 'queued',
      attempts: 0,
      submittedAt: this.moment(),
      revision: 0,
    });
    if (isOpen(job)) await this.notifier.notify(job);
    return job;
  }

  /** @throws LapidaryError `job_not_found` */
  async get(id: string): Promise<Job> {
    const job = await this.store.read(id);
    if (job?.client !== this.client)
      throw new LapidaryError('job_not_found', `unknown job "${id}"`);
    return job;
  }

  list(filter: JobFilter, page: PageRequest): Promise<Page<Job>> {
    return this.store.list(this.client, filter, page);
  }

  /** Returns the jobs that are queued or running, the oldest first. */
  async listOpen(): Promise<Job[]> {
    return (await this.store.listOpen()).filter(({ client }) => client === this.client);
  }

  /** @throws LapidaryError `job_not_found` */
  async log(id: string, page: PageRequest): Promise<Page<LogLine>> {
    await this.get(id);
    return this.store.readLog(id, page);
  }

  /**
   * Cancels a job: at once when it is queued, soon when it is running. An ended job is not changed.
   * @throws LapidaryError `job_not_found`
   */
  async cancel(id: string): Promise<Job> {
    for (;;) {
      const job = await this.get(id);
      if (!isOpen(job) || job.cancelRequested) return job;
      const stopped: Job =
        job.state === 'queued'
          ? { ...job, state: 'cancelled', endedAt: this.moment() }
          : { ...job, cancelRequested: true };
      const next = { ...stopped, revision: job.revision + 1 };
      if (await this.store.replace(next)) return next;
    }
  }

  private moment(): string {
    return new Date(this.now()).toISOString();
  }
}

/** Returns a lane that no other client has. */
function laneOf(client: string, lane: string): string {
  return client === OPERATOR ? lane : `${client}/${lane}`;
}
