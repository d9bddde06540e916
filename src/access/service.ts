import type { Page, PageRequest } from '../api/page.js';
import { LapidaryError } from '../core/errors.js';
import { parseInstant } from '../core/instant.js';
import { makeKey } from './keys.js';
import { BUILT_IN_PLANS, builtInPlan, type Plan, type PlanTerms } from './plans.js';
import type { AccessStore, Client, Key, Scope } from './port.js';

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** A key as the API returns it. */
export type ShownKey = Omit<Key, 'hash'>;
/** A new key with its text, which is returned once. */
export type IssuedKey = ShownKey & { key: string };

/** Manages clients, keys and plans. */
export class AccessService {
  constructor(
    private readonly store: AccessStore,
    private readonly now: () => number = Date.now,
  ) {}

  /** @throws LapidaryError `invalid_request`, `plan_not_found`, `client_exists` */
  async createClient(client: Client): Promise<Client> {
    requireName('client', client.id);
    await this.plan(client.plan);
    if (await this.store.createClient(client)) return client;
    throw new LapidaryError('client_exists', `client ${client.id} already exists`);
  }

  /** @throws LapidaryError `client_not_found`, `plan_not_found` */
  async changeClient(id: string, change: Partial<Omit<Client, 'id'>>): Promise<Client> {
    if (change.plan !== undefined) await this.plan(change.plan);
    return (await this.store.changeClient(id, change)) ?? noClient(id);
  }

  /** @throws LapidaryError `invalid_request` for an invalid cursor */
  listClients(page: PageRequest): Promise<Page<Client>> {
    return this.store.listClients(page);
  }

  /** @throws LapidaryError `client_not_found` */
  async client(id: string): Promise<Client> {
    return (await this.store.readClient(id)) ?? noClient(id);
  }

  /** @throws LapidaryError `client_not_found`, `invalid_request` when `expiresAt` is not in the future */
  async createKey(
    client: string,
    scopes: readonly Scope[],
    expiresAt?: string,
  ): Promise<IssuedKey> {
    await this.client(client);
    const expiry = expiresAt === undefined ? {} : { expiresAt: this.inFuture(expiresAt) };
    const { key, text } = this.issue({ client, scopes, ...expiry });
    if (await this.store.createKey(key)) return { ...show(key), key: text };
    throw new Error(`the id of a new key exists: ${key.id}`);
  }

  /** @throws LapidaryError `invalid_request` for an invalid cursor */
  async listKeys(filter: { client?: string }, page: PageRequest): Promise<Page<ShownKey>> {
    const { items, ...more } = await this.store.listKeys(filter, page);
    return { items: items.map(show), ...more };
  }

  /** Returns whether any key exists. */
  async hasKeys(): Promise<boolean> {
    return (await this.store.listKeys({}, { limit: 1 })).items.length > 0;
  }

  /** Revokes a key; processes that have cached it accept it until their cache expires. @throws LapidaryError `key_not_found` */
  async revokeKey(id: string): Promise<ShownKey> {
    const key = await this.store.revokeKey(id, new Date(this.now()).toISOString());
    return key ? show(key) : noKey(id);
  }

  /**
   * Issues a key with the same client, scopes and expiry. The old key stays valid for `graceMs`.
   * @throws LapidaryError `key_not_found`, also for a revoked or expired key
   */
  async rotateKey(id: string, graceMs: number): Promise<IssuedKey> {
    const old = (await this.store.readKey(id)) ?? noKey(id);
    if (!isValid(old, this.now()))
      throw new LapidaryError('key_not_found', `key ${id} is revoked or expired`);
    const { client, scopes, expiresAt } = old;
    const { key, text } = this.issue({ client, scopes, ...(expiresAt && { expiresAt }) });
    const expiry = new Date(this.now() + graceMs).toISOString();
    if (await this.store.succeedKey(id, expiry, key)) return { ...show(key), key: text };
    throw new LapidaryError('key_not_found', `key ${id} has just been revoked`);
  }

  /** Lists the built-in plans, then those of the operator. */
  async listPlans(): Promise<Plan[]> {
    return [...BUILT_IN_PLANS, ...(await this.store.listPlans())];
  }

  /** Returns the plan of a client. @throws LapidaryError `client_not_found`, `plan_not_found` */
  async planOf(client: string): Promise<Plan> {
    return this.plan((await this.client(client)).plan);
  }

  /** @throws LapidaryError `plan_not_found` */
  async plan(name: string): Promise<Plan> {
    const plan = builtInPlan(name) ?? (await this.store.readPlan(name));
    if (plan) return plan;
    throw new LapidaryError('plan_not_found', `plan ${name} not found`);
  }

  /** Creates or replaces a plan of the operator. @throws LapidaryError `invalid_request`, `plan_built_in` */
  async putPlan(name: string, terms: PlanTerms): Promise<Plan> {
    requireName('plan', name);
    if (builtInPlan(name)) {
      const detail = `plan ${name} is built in: choose another name`;
      throw new LapidaryError('plan_built_in', detail);
    }
    const plan = { name, ...terms };
    await this.store.putPlan(plan);
    return plan;
  }

  /** Parses the expiry of a key. @throws LapidaryError `invalid_request` */
  private inFuture(text: string): string {
    const instant = parseInstant(text);
    if (instant > this.now()) return new Date(instant).toISOString();
    const fault = Number.isNaN(instant)
      ? 'must be an ISO 8601 instant such as 2027-01-31T10:00:00Z'
      : 'must be in the future';
    throw new LapidaryError('invalid_request', `expiresAt ${fault}, not "${text.slice(0, 100)}"`);
  }

  private issue(rights: Pick<Key, 'client' | 'scopes' | 'expiresAt'>) {
    const { id, prefix, hash, text } = makeKey();
    const createdAt = new Date(this.now()).toISOString();
    const key: Key = { id, prefix, hash, createdAt, ...rights };
    return { key, text };
  }
}

/** Decides whether a key is valid at an instant. */
export function isValid({ revokedAt, expiresAt }: Key, now: number): boolean {
  return revokedAt === undefined && (expiresAt === undefined || now < parseInstant(expiresAt));
}

function show({ hash: _hash, ...shown }: Key): ShownKey {
  return shown;
}

function requireName(what: string, name: string): void {
  if (NAME.test(name)) return;
  const detail = `the ${what} "${name}" must be lower-case letters, digits and hyphens, 63 at most`;
  throw new LapidaryError('invalid_request', detail);
}

function noClient(id: string): never {
  throw new LapidaryError('client_not_found', `client ${id} not found`);
}

function noKey(id: string): never {
  throw new LapidaryError('key_not_found', `key ${id} not found`);
}
