/**
 * A chore is upkeep that no request asks for. An index lists the due work. Each entry is written before the data that it
 * cleans up, so that no chore scans the data of all clients.
 */
export interface Chore {
  readonly name: string;
  /**
   * Does the due work on a subject. It may run again for the same entry.
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
  /** What the chore works on, in a format of its own. */
  subject: string;
  at: Date;
  /** How often it has failed. */
  failures: number;
}

/** The index of due work, which all processes share. Entries are equal when all of their fields are. */
export interface DueStore {
  /** Adds an entry, which is durable when this resolves. @returns whether it is new */
  add(due: Due): Promise<boolean>;
  /** Returns the entries that are due, the earliest first. */
  list(now: Date, limit: number): Promise<Due[]>;
  /** Removes an entry, if it exists. */
  remove(due: Due): Promise<void>;
}

/** Adds and removes the index entries of one client. */
export interface Agenda {
  /** Adds an entry. Call it before the subject is created, so that a crash in between loses no upkeep. */
  note(chore: string, subject: string, at: Date): Promise<void>;
  /** Removes the entry of a subject that ended early. */
  drop(chore: string, subject: string, at: Date): Promise<void>;
}

/** Adds no entries. */
export const NO_AGENDA: Agenda = { async note() {}, async drop() {} };

/** Returns the next full multiple of a span after a moment, so that repeated calls for one subject add one entry. */
export function nextFull(spanMs: number, after: number): Date {
  return new Date((Math.floor(after / spanMs) + 1) * spanMs);
}
