import type { Page, PageRequest } from '../api/page.js';
import type { Job, JobKind, JobState, LogLine } from './job.js';

/** Which jobs are asked for. */
export interface JobFilter {
  model?: string;
  kind?: JobKind;
  state?: JobState;
}

/** The right to work on a lane, until it expires. */
export interface Lease {
  holder: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

/** Where jobs are kept. What was kept is there after a crash. */
export interface JobStore {
  /** Keeps a job unless there is one with its id. @returns the one that is there now */
  createOnce(job: Job): Promise<Job>;
  /** Undefined when there is no such job. */
  read(id: string): Promise<Job | undefined>;
  /**
   * Puts a job in place of its revision before, `next.revision - 1`.
   * @returns false when that is not what is there: somebody else changed it
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

/** Tells those who work that there is something to do. */
export interface JobNotifier {
  /** A notice may be lost, late or double: workers look for themselves from time to time. */
  notify(job: Job): Promise<void>;
}

/** Where a job is done. */
export interface JobPlacement {
  /**
   * Has a job done elsewhere, when it is too large for here. Begun twice, it is begun once.
   * @throws LapidaryError when that came to nothing, and never will come to anything
   */
  place(job: Job): Promise<'here' | 'elsewhere'>;
}
