import type { Page, PageRequest } from '../api/page.js';
import type { Plan } from './plans.js';

/** What a key may be good for. */
export const SCOPES = ['predict', 'data', 'train', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** Who calls. */
export interface Client {
  id: string;
  name: string;
  /** The name of a plan. */
  plan: string;
}

/** A key as it is kept: nothing in it lets anybody call. */
export interface Key {
  id: string;
  /** How the key's text begins, to know it by. */
  prefix: string;
  /** SHA-256 of the secret, in hexadecimal. */
  hash: string;
  client: string;
  scopes: readonly Scope[];
  /** Times are in ISO 8601, UTC. */
  createdAt: string;
  expiresAt?: string;
  revokedAt?: string;
  /** To the minute or so. */
  lastUsedAt?: string;
}

/** What was metered; what is left out is 0. */
export interface Amounts {
  requests?: number;
  predictions?: number;
  storedBytes?: number;
  trainingSeconds?: number;
}

/** Something to be counted. */
export interface UsageRecord extends Amounts {
  /** Records of one id are counted once, for {@link REMEMBERED_DAYS}; one without is told only once. */
  id?: string;
  client: string;
  model: string;
  /** Milliseconds since the epoch. */
  at: number;
}

/** How long a store knows that it has counted a record. */
export const REMEMBERED_DAYS = 35;

/** The usage of a client with a model on a day. */
export interface DailyUsage extends Required<Amounts> {
  client: string;
  model: string;
  /** As 2026-01-31, UTC. */
  day: string;
}

/**
 * Keeps clients, keys and plans. Whatever was acknowledged survives a crash, and any number of processes may
 * work on the same place.
 */
export interface AccessStore {
  /** @returns whether the client is new; one that was there stays as it is */
  createClient(client: Client): Promise<boolean>;
  readClient(id: string): Promise<Client | undefined>;
  /** @returns the client as it is then; undefined when there is none */
  changeClient(id: string, change: Partial<Omit<Client, 'id'>>): Promise<Client | undefined>;
  /** In the order of their ids. @throws LapidaryError `invalid_request` for what is no cursor */
  listClients(page: PageRequest): Promise<Page<Client>>;

  /** @returns whether the key is new */
  createKey(key: Key): Promise<boolean>;
  readKey(id: string): Promise<Key | undefined>;
  /** In the order of their ids. @throws LapidaryError `invalid_request` for what is no cursor */
  listKeys(filter: { client?: string }, page: PageRequest): Promise<Page<Key>>;
  /** Revokes a key; one that was revoked keeps its time. @returns undefined when there is none */
  revokeKey(id: string, at: string): Promise<Key | undefined>;
  /**
   * Creates the successor of a key, which then expires at a time, or before when it would have: both or
   * neither.
   * @returns whether that was done: not for a key that is revoked or not there
   */
  succeedKey(id: string, expiresAt: string, successor: Key): Promise<boolean>;
  /** The latest time stays. Nothing happens to a key that is not there. */
  noteKeyUse(id: string, at: string): Promise<void>;

  /** Creates a plan or replaces it. */
  putPlan(plan: Plan): Promise<void>;
  readPlan(name: string): Promise<Plan | undefined>;
  /** In the order of their names. */
  listPlans(): Promise<Plan[]>;

  close(): Promise<void>;
}
