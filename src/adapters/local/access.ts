import type { Database } from 'lmdb';
import type { Plan } from '../../access/index.js';
import type { AccessStore, Client, Key } from '../../access/port.js';
import type { Page, PageRequest } from '../../api/page.js';
import { isBefore } from '../../core/instant.js';
import { isAccessId, requireCursor } from '../access-ids.js';
import { LmdbStore } from './lmdb.js';

/** Sorts after all ids. */
const LAST = '\uffff';

/** Stores clients, keys and plans in LMDB. */
export class LmdbAccessStore extends LmdbStore implements AccessStore {
  private readonly clients = this.openDB<Client, string>('clients');
  private readonly keys = this.openDB<Key, string>('keys');
  /** Key ids as `[client, id]`. */
  private readonly keyIds = this.openDB<true, [string, string]>('key-ids');
  private readonly plans = this.openDB<Plan, string>('plans');

  createClient(client: Client): Promise<boolean> {
    return this.change(() => {
      if (this.clients.get(client.id)) return false;
      this.clients.put(client.id, client);
      return true;
    });
  }

  async readClient(id: string): Promise<Client | undefined> {
    return this.find(this.clients, id);
  }

  changeClient(id: string, change: Partial<Omit<Client, 'id'>>): Promise<Client | undefined> {
    return this.change(() => {
      const client = isAccessId(id) ? this.clients.get(id) : undefined;
      if (!client) return undefined;
      const changed = { ...client, ...change, id };
      this.clients.put(id, changed);
      return changed;
    });
  }

  async listClients({ cursor, limit }: PageRequest): Promise<Page<Client>> {
    requireCursor(cursor);
    this.renew();
    const range = this.clients.getRange({ ...(cursor !== undefined && { start: cursor }) });
    const items = range.map(({ value }) => value).filter(({ id }) => id !== cursor);
    return pageOf(items, limit);
  }

  createKey(key: Key): Promise<boolean> {
    return this.change(() => {
      if (this.keys.get(key.id)) return false;
      this.add(key);
      return true;
    });
  }

  async readKey(id: string): Promise<Key | undefined> {
    return this.find(this.keys, id);
  }

  async listKeys({ client }: { client?: string }, page: PageRequest): Promise<Page<Key>> {
    const { cursor, limit } = page;
    requireCursor(cursor);
    if (client !== undefined && !isAccessId(client)) return { items: [] };
    this.renew();
    const ids =
      client === undefined
        ? this.keys.getKeys({ ...(cursor !== undefined && { start: cursor }) })
        : this.keyIds
            .getKeys({ start: [client, cursor ?? ''], end: [client, LAST] })
            .map(([, id]) => id);
    const items = ids.filter((id) => id !== cursor).map((id) => this.keys.get(id)!);
    return pageOf(items, limit);
  }

  revokeKey(id: string, at: string): Promise<Key | undefined> {
    return this.changeKey(id, (key) => ({ ...key, revokedAt: key.revokedAt ?? at }));
  }

  succeedKey(id: string, expiresAt: string, successor: Key): Promise<boolean> {
    return this.change(() => {
      const key = isAccessId(id) ? this.keys.get(id) : undefined;
      if (!key || key.revokedAt !== undefined) return false;
      const earlier = key.expiresAt !== undefined && isBefore(key.expiresAt, expiresAt);
      this.keys.put(id, { ...key, ...(!earlier && { expiresAt }) });
      this.add(successor);
      return true;
    });
  }

  async noteKeyUse(id: string, at: string): Promise<void> {
    await this.changeKey(id, (key) =>
      (key.lastUsedAt ?? '') < at ? { ...key, lastUsedAt: at } : key,
    );
  }

  putPlan(plan: Plan): Promise<void> {
    return this.change(() => {
      this.plans.put(plan.name, plan);
    });
  }

  async readPlan(name: string): Promise<Plan | undefined> {
    return this.find(this.plans, name);
  }

  async listPlans(): Promise<Plan[]> {
    this.renew();
    return [...this.plans.getRange()].map(({ value }) => value);
  }

  private add(key: Key): void {
    this.keys.put(key.id, key);
    this.keyIds.put([key.client, key.id], true);
  }

  private changeKey(id: string, change: (key: Key) => Key): Promise<Key | undefined> {
    return this.change(() => {
      const key = isAccessId(id) ? this.keys.get(id) : undefined;
      if (!key) return undefined;
      const changed = change(key);
      if (changed !== key) this.keys.put(id, changed);
      return changed;
    });
  }

  private find<Value>(database: Database<Value, string>, id: string): Value | undefined {
    this.renew();
    return isAccessId(id) ? database.get(id) : undefined;
  }
}

function pageOf<Item extends { id: string }>(items: Iterable<Item>, limit: number): Page<Item> {
  const taken: Item[] = [];
  for (const item of items) {
    if (taken.length === limit) return { items: taken, next: taken.at(-1)!.id };
    taken.push(item);
  }
  return { items: taken };
}
