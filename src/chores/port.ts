/**
 * A chore is upkeep that no request asks for. What is due is written to an index when it comes to be, so that no chore
 * looks through all that clients have.
 */
export interface Chore {
  readonly name: string;
  /**
   * Does what is due about a subject; doing it again is harmless.
   * @returns when it is due again; undefined: never
   */
  do(client: string, subject: string): Promise<Date | undefined>;
  /** Returns all subjects of a client, whether the index has them or not: `lapidary upkeep --all` does each. */
  subjects(client: string): Promise<string[]>;
  /** A subject of the operator that changes without a request: it is due at start, and every hour. */
  readonly hourly?: string;
}

/** An entry of the index. */
export interface Due {
  /** Name of the chore. */
  chore: string;
  /** The client, or the operator. */
  client: string;
  /** What is to be done, in the chore's words. */
  subject: string;
  at: Date;
  /** How often it has failed. */
  failures: number;
}

/** The index of what is due, which all processes share. Entries are equal when all of their fields are. */
export interface DueStore {
  /** Adds an entry, which is durable when this resolves. @returns whether it was not there */
  add(due: Due): Promise<boolean>;
  /** Returns entries whose time has come, the earliest first. */
  list(now: Date, limit: number): Promise<Due[]>;
  /** Removes an entry, if it is there. */
  remove(due: Due): Promise<void>;
}

/** Notes of one client's services about what is due later. */
export interface Agenda {
  /** Notes a subject before it comes to be, so that a crash in between forgets nothing. */
  note(chore: string, subject: string, at: Date): Promise<void>;
  /** Removes a note of what has ended before. */
  drop(chore: string, subject: string, at: Date): Promise<void>;
}

/** Notes nothing. */
export const NO_AGENDA: Agenda = { async note() {}, async drop() {} };

/** Returns the next full multiple of a span after a moment: notes about one subject become one entry. */
export function nextFull(spanMs: number, after: number): Date {
  return new Date((Math.floor(after / spanMs) + 1) * spanMs);
}
