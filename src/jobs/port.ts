import type { Page, PageRequest } from '../api/page.js';
import type { ErrorCode } from '../core/errors.js';

export type { JobKind, JobMeter, JobRow, UsageUnit } from './kinds.js';

export const JOB_STATES = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** How far a job is. */
export interface JobProgress {
  /** What it does now. */
  phase: string;
  /** The part of all its work that is done, from 0 to 1. */
  fraction: number;
}

/** Asynchronous work: it outlives the request that submitted it. */
export interface Job<Order = unknown> {
  /** A UUID: of version 7, or derived from the idempotency key of a request. */
  id: string;
  /** The client that it is for, or the operator. */
  client: string;
  /** A row of the table of kinds. */
  kind: string;
  /** The model that it is about. */
  model: string;
  /** What is to be done; its kind has the schema. */
  order: Order;
  /** Id of the job that submitted this one as a part of its work. */
  parent?: string;
  /** Jobs of one lane run one at a time, the oldest first. */
  lane: string;
  state: JobState;
  /** Whether it is to stop; set while it runs. */
  cancelRequested?: boolean;
  /** How often it was begun: the job of a worker that dies is begun again by another. */
  attempts: number;
  progress?: JobProgress;
  /** Figures measured so far. */
  metrics?: Readonly<Record<string, number>>;
  /** Result, once it succeeded. */
  result?: unknown;
  /** Why it failed. */
  error?: { code: ErrorCode; detail: string };
  /** ISO 8601 in UTC, as the other moments. Jobs are sorted by it, then by their ids. */
  submittedAt: string;
  startedAt?: string;
  endedAt?: string;
  /** Counts its changes, for compare-and-set. */
  revision: number;
}

/** A line of a job's log. */
export interface LogLine {
  /** ISO 8601. */
  at: string;
  message: string;
}

/** Whether a job is queued or running. */
export function isOpen({ state }: Pick<Job, 'state'>): boolean {
  return state === 'queued' || state === 'running';
}

/** What a handler reports while it works. */
export interface JobContext {
  /** Aborts when the job is cancelled, when its worker has to stop, or when another worker has taken it. */
  readonly signal: AbortSignal;
  /** Most rows that the job may answer; any number when left out. */
  readonly maximumRows?: number;
  progress(progress: JobProgress): void;
  metrics(metrics: Readonly<Record<string, number>>): void;
  log(message: string): void;
}

/** Returns a context with some of it changed. */
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
 * Does one job. A job can be begun more than once: what its worker left behind when it died must do no harm.
 * @returns the result, as JSON
 */
export type JobHandler<Order = unknown> = (
  job: Job<Order>,
  context: JobContext,
) => Promise<unknown>;

/** Message to a process that does jobs: look for some now. */
export const WAKE = 'wake';

/** Message of a process that does jobs: one has succeeded, so that its model may have another version. */
export interface Succeeded {
  succeeded: Pick<Job, 'client' | 'model'>;
}

/** Which jobs are listed. */
export interface JobFilter {
  model?: string;
  kind?: string;
  state?: JobState;
  parent?: string;
}

/** The right to work on a lane until it expires. */
export interface Lease {
  holder: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

/** Where jobs are kept. What was kept is there after a crash. */
export interface JobStore {
  /** Keeps a job unless there is one with its id. @returns the one that is there now */
  createOnce(job: Job): Promise<Job>;
  /** Returns undefined for an unknown id. */
  read(id: string): Promise<Job | undefined>;
  /**
   * Puts a job in place of its revision before, `next.revision - 1`.
   * @returns false when another change came first
   */
  replace(next: Job): Promise<boolean>;
  /** The jobs of all clients that are queued or running, the oldest first. */
  listOpen(): Promise<Job[]>;
  /**
   * Forgets the oldest ended jobs of a client, with their logs, until it has at most so many.
   * @returns those that were forgotten, and how many jobs it has then: more than that many when they are open
   */
  forgetEnded(client: string, most: number): Promise<{ forgotten: Job[]; left: number }>;
  /** Those of a client, the newest first. */
  list(client: string, filter: JobFilter, page: PageRequest): Promise<Page<Job>>;

  /**
   * Takes or keeps a lane, when it is free, its lease has expired or it is the holder's already.
   * @param now milliseconds since 1970
   * @returns whether the lane is the holder's now
   */
  takeLane(lane: string, lease: Lease, now: number): Promise<boolean>;
  /** Frees a lane, if it is still the holder's. */
  leaveLane(lane: string, holder: string): Promise<void>;

  appendLog(id: string, lines: readonly LogLine[]): Promise<void>;
  /** The oldest lines first. */
  readLog(id: string, page: PageRequest): Promise<Page<LogLine>>;
}

/** Wakes the workers. */
export interface JobNotifier {
  /** A notice may be lost, late or double: workers also poll. */
  notify(job: Job): Promise<void>;
}

/** Where a job is done. */
export interface JobPlacement {
  /**
   * Has a job done elsewhere when it is too large for here. Begun twice, it is begun once.
   * @throws LapidaryError when it can never be done
   */
  place(job: Job): Promise<'here' | 'elsewhere'>;
}
