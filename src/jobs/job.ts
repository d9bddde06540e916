import type { ErrorCode } from '../core/errors.js';

export const JOB_KINDS = ['training', 'batch-prediction'] as const;
export type JobKind = (typeof JOB_KINDS)[number];

export const JOB_STATES = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** How far a job is. */
export interface JobProgress {
  /** What it does now. */
  phase: string;
  /** The part of all its work that is done, from 0 to 1. */
  fraction: number;
}

/** Work that goes on beside the request that asked for it. */
export interface Job {
  /** A UUID: of version 7, or what a request that may be sent again has made of its key. */
  id: string;
  /** The client that it is for, or the operator. */
  client: string;
  kind: JobKind;
  /** The model that it is about. */
  model: string;
  /** What is to be done, as the handler of its kind reads it. */
  order: unknown;
  /** Jobs of one lane run one at a time, the oldest first. */
  lane: string;
  state: JobState;
  /** Somebody wants it to stop; set while it runs. */
  cancelRequested?: boolean;
  /** How often it was begun: a worker that dies leaves it to another. */
  attempts: number;
  progress?: JobProgress;
  /** What was measured so far. */
  metrics?: Readonly<Record<string, number>>;
  /** What came of it, once it succeeded. */
  result?: unknown;
  /** Why it failed. */
  error?: { code: ErrorCode; detail: string };
  /** ISO 8601 in UTC, as the other moments. Jobs are in its order, then in that of their ids. */
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

/** Whether there is still something to do. */
export function isOpen({ state }: Pick<Job, 'state'>): boolean {
  return state === 'queued' || state === 'running';
}
