import type { Page, PageRequest } from '../api/page.js';
import type { ShownJob } from './schema.js';

export type { JobKind, JobMeter, JobRow, UsageUnit } from './kinds.js';

export const JOB_STATES = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;
export type JobState = (typeof JOB_STATES)[number];
export type JobProgress = NonNullable<ShownJob['progress']>;

/** Asynchronous work: it outlives the request that submitted it. Jobs are sorted by their submission, then by id. */
export interface Job<Order = unknown> extends Omit<ShownJob, 'order'> {
  /** The client, or the operator. */
  client: string;
  /** Its parameters; the kind has their schema. */
  order: Order;
  /** Jobs of one lane run one at a time, the oldest first. */
  lane: string;
  /** Number of changes, for compare-and-set. */
  revision: number;
}

/** A line of the log of a job. */
export interface LogLine {
  /** ISO 8601. */
  at: string;
  message: string;
}

/** Decides whether a job is queued or running. */
export function isOpen({ state }: Pick<Job, 'state'>): boolean {
  return state === 'queued' || state === 'running';
}

/** Receives the reports of a handler while it runs. */
export interface JobContext {
  /** Aborts when the job is cancelled, when its worker must stop, or when another worker has taken it. */
  readonly signal: AbortSignal;
  /** Maximum rows that the job may predict; unlimited by default. */
  readonly maximumRows?: number;
  progress(progress: JobProgress): void;
  metrics(metrics: Readonly<Record<string, number>>): void;
  log(message: string): void;
}

/** Returns a context with some properties replaced. */
export function withContext(context: JobContext, change: Partial<JobContext>): JobContext {
  const { signal, maximumRows } = context;
  return {
    signal,
    ...(maximumRows !== undefined && { maximumRows }),
    progress: (progress) => context.progress(progress),
    metrics: (metrics) => context.metrics(metrics),
    log: (message) => context.log(message),
    ...change,
  };
}

/**
 * Runs one job. A job can start more than once: leftovers of a worker that died must do no harm.
 * @returns the result, as JSON
 */
export type JobHandler<Order = unknown> = (
  job: Job<Order>,
  context: JobContext,
) => Promise<unknown>;

/** Message to a worker process: check for jobs now. */
export const WAKE = 'wake';

/** Message of a worker process: a job succeeded, so that its model may have another version. */
export interface Succeeded {
  succeeded: Pick<Job, 'client' | 'model'>;
}

/** Fields that the list of jobs is filtered by. */
export const JOB_FILTERS = ['model', 'kind', 'state', 'parent'] as const;
export type JobFilter = Partial<Pick<Job, (typeof JOB_FILTERS)[number]>>;

/** Decides whether a job matches a filter. */
export function matches(job: Job, filter: JobFilter): boolean {
  return JOB_FILTERS.every((name) => filter[name] === undefined || filter[name] === job[name]);
}

/** The exclusive right to a lane until it expires. */
export interface Lease {
  holder: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

/** Stores jobs durably. */
export interface JobStore {
  /** Stores a job unless its id exists. @returns the stored job */
  createOnce(job: Job): Promise<Job>;
  /** Returns undefined for an unknown id. */
  read(id: string): Promise<Job | undefined>;
  /**
   * Replaces the previous revision of a job, `next.revision - 1`.
   * @returns false when another change was first
   */
  replace(next: Job): Promise<boolean>;
  /** Returns the queued and running jobs of all clients, the oldest first. */
  listOpen(): Promise<Job[]>;
  /**
   * Removes the oldest ended jobs of a client, with their logs, until at most `most` are left.
   * @returns the removed jobs, and how many are left: more than `most` when they are open
   */
  forgetEnded(client: string, most: number): Promise<{ forgotten: Job[]; left: number }>;
  /** Lists the jobs of a client, the newest first. */
  list(client: string, filter: JobFilter, page: PageRequest): Promise<Page<Job>>;

  /**
   * Leases a lane, or renews the lease, if it is free, expired or the holder's.
   * @param now milliseconds since 1970
   * @returns whether the holder has the lane now
   */
  takeLane(lane: string, lease: Lease, now: number): Promise<boolean>;
  /** Releases a lane, if the holder still has it. */
  leaveLane(lane: string, holder: string): Promise<void>;

  appendLog(id: string, lines: readonly LogLine[]): Promise<void>;
  /** Reads the log of a job, the oldest line first. */
  readLog(id: string, page: PageRequest): Promise<Page<LogLine>>;
}

/** Notifies the workers. */
export interface JobNotifier {
  /** Notifies of a job. A notification may be lost, late or repeated: workers also poll. */
  notify(job: Job): Promise<void>;
}

/** Decides where a job runs. */
export interface JobPlacement {
  /**
   * Starts a job elsewhere if it is too large for this process. Repeated calls start it once.
   * @throws LapidaryError when it can never run
   */
  place(job: Job): Promise<'here' | 'elsewhere'>;
}
