import type { Page, PageRequest } from '../api/page.js';
import type { Scope } from '../api/policy.js';
import type { Plan } from './plans.js';
import type { Client, Key as ShownKey } from './schema.js';

export { SCOPES, type Scope } from '../api/policy.js';
export type { Client } from './schema.js';

/** A stored key: it does not contain the secret. */
export interface Key extends Omit<ShownKey, 'scopes'> {
  scopes: readonly Scope[];
  /** SHA-256 of the secret, in hexadecimal. */
  hash: string;
}

/** The metered amounts. */
export const AMOUNTS = ['requests', 'predictions', 'storedBytes', 'trainingSeconds'] as const;
/** Metered amounts; missing ones are 0. */
export type Amounts = Partial<Record<(typeof AMOUNTS)[number], number>>;

export const NO_USAGE = {
  requests: 0,
  predictions: 0,
  storedBytes: 0,
  trainingSeconds: 0,
} as const;

/** Adds amounts to a sum. */
export function addAmounts(sum: Required<Amounts>, more: Amounts, times = 1): void {
  for (const amount of AMOUNTS) sum[amount] += times * (more[amount] ?? 0);
}

/** Returns the day of an instant as 2026-01-31, UTC. */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** Usage to be counted. */
export interface UsageRecord extends Amounts {
  /** Records with the same id are counted once within {@link REMEMBERED_DAYS}; a record without id must not be repeated. */
  id?: string;
  client: string;
  model: string;
  /** Milliseconds since the epoch. */
  at: number;
}

/** Days that a store remembers counted records. */
export const REMEMBERED_DAYS = 35;

/** The usage of a client with a model on a day. */
export interface DailyUsage extends Required<Amounts> {
  client: string;
  model: string;
  /** A day such as 2026-01-31, UTC. */
  day: string;
}

/** Stores clients, keys and plans durably. Several processes may use the same store. */
export interface AccessStore {
  /** Creates a client. @returns false when it exists; it is not changed */
  createClient(client: Client): Promise<boolean>;
  readClient(id: string): Promise<Client | undefined>;
  /** Changes a client. @returns the changed client; undefined when it does not exist */
  changeClient(id: string, change: Partial<Omit<Client, 'id'>>): Promise<Client | undefined>;
  /** Lists by id. @throws LapidaryError `invalid_request` for an invalid cursor */
  listClients(page: PageRequest): Promise<Page<Client>>;

  /** Creates a key. @returns false when its id exists */
  createKey(key: Key): Promise<boolean>;
  readKey(id: string): Promise<Key | undefined>;
  /** Lists by id. @throws LapidaryError `invalid_request` for an invalid cursor */
  listKeys(filter: { client?: string }, page: PageRequest): Promise<Page<Key>>;
  /** Revokes a key; a revoked key keeps its time. @returns undefined when it does not exist */
  revokeKey(id: string, at: string): Promise<Key | undefined>;
  /**
   * Creates the successor of a key and makes the key expire at `expiresAt`, unless it expires earlier: both or neither.
   * @returns false for a key that is revoked or does not exist
   */
  succeedKey(id: string, expiresAt: string, successor: Key): Promise<boolean>;
  /** Stores the latest use of a key. Unknown keys are ignored. */
  noteKeyUse(id: string, at: string): Promise<void>;

  /** Creates or replaces a plan. */
  putPlan(plan: Plan): Promise<void>;
  readPlan(name: string): Promise<Plan | undefined>;
  /** Lists by name. */
  listPlans(): Promise<Plan[]>;

  close(): Promise<void>;
}

/** Stores usage. Several processes may use the same store. */
export interface UsageStore {
  /** Maximum records of one call; unlimited by default. */
  readonly atOnce?: number;
  /**
   * Counts records durably. Records with an id are counted once, even when repeated.
   * @returns undefined when they are durable already
   * @throws Error when none was counted; when a remote store did not respond, all or none of them may be
   */
  record(records: readonly UsageRecord[]): Promise<void> | undefined;
  /** Reads the usage of a month such as 2026-01, of all clients or one, as recorded by all processes. */
  read(month: string, client?: string): Promise<DailyUsage[]>;
  close(): Promise<void>;
}

/** The stored bytes of a client, as counted by all processes together. */
export interface ByteCounter {
  /** Returns the count; undefined before the first measurement. */
  read(): Promise<number | undefined>;
  /** Adds to a count that exists. */
  add(bytes: number): Promise<void>;
  /** Replaces the count that was read before a measurement, and keeps later additions. */
  correct(before: number | undefined, measured: number): Promise<void>;
}
