import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { Plan } from '../../access/index.js';
import type { AccessStore, Client, Key } from '../../access/port.js';
import type { Page, PageRequest } from '../../api/page.js';
import { isBefore } from '../../core/instant.js';
import { isAccessId, requireCursor } from '../access-ids.js';
import {
  apiKeyAt,
  CLIENTS,
  clientAt,
  clientItem,
  keyItem,
  keysOf,
  PLANS,
  planAt,
  planItem,
  toClient,
  toKey,
  toPlan,
} from './access-items.js';
import { type DynamoTable, type Item, keyAt } from './dynamo.js';

/**
 * Stores clients, keys and plans in a DynamoDB table, laid out as in access-items.ts. Changes are conditional updates
 * in place: concurrent changes are not lost.
 */
export class DynamoAccessStore implements AccessStore {
  constructor(private readonly table: DynamoTable) {}

  /** A transaction with a token: a retry after a lost response must not collide with its own client. */
  createClient(client: Client): Promise<boolean> {
    return this.table.transact((table) => [putNew(table, clientItem(client))]);
  }

  async readClient(id: string): Promise<Client | undefined> {
    const item = isAccessId(id) ? await this.table.get(clientAt(id)) : undefined;
    return item && toClient(item);
  }

  async changeClient(id: string, change: Partial<Omit<Client, 'id'>>): Promise<Client | undefined> {
    const changed = (['name', 'plan'] as const).filter((field) => change[field] !== undefined);
    if (!isAccessId(id) || changed.length === 0) return this.readClient(id);
    const set = changed.map((field) => `#${field} = :${field}`).join(', ');
    const item = await this.table.update(clientAt(id), `SET ${set}`, {
      when: 'attribute_exists(pk)',
      names: Object.fromEntries(changed.map((field) => [`#${field}`, field])),
      values: Object.fromEntries(changed.map((field) => [`:${field}`, { S: change[field]! }])),
    });
    return item && toClient(item);
  }

  async listClients(request: PageRequest): Promise<Page<Client>> {
    const { items, ...more } = await this.page(CLIENTS, request);
    return { items: items.map(toClient), ...more };
  }

  createKey(key: Key): Promise<boolean> {
    return this.table.transact((table) => newKey(table, key));
  }

  async readKey(id: string): Promise<Key | undefined> {
    const item = isAccessId(id) ? await this.table.get(apiKeyAt(id)) : undefined;
    return item && toKey(item);
  }

  async listKeys({ client }: { client?: string }, request: PageRequest): Promise<Page<Key>> {
    requireCursor(request.cursor);
    if (client !== undefined && !isAccessId(client)) return { items: [] };
    const { items, ...more } = await this.page(keysOf(client), request);
    const keys = await this.table.getAll(items.map(({ sk }) => apiKeyAt(sk!.S!)));
    return { items: keys.map(toKey), ...more };
  }

  async revokeKey(id: string, at: string): Promise<Key | undefined> {
    if (!isAccessId(id)) return undefined;
    const expression = 'SET revokedAt = if_not_exists(revokedAt, :at)';
    const item = await this.table.update(apiKeyAt(id), expression, {
      when: 'attribute_exists(pk)',
      values: { ':at': { S: at } },
    });
    return item && toKey(item);
  }

  /** Compares times here, since text order is not always time order, and writes only if the key is unchanged. */
  async succeedKey(id: string, expiresAt: string, successor: Key): Promise<boolean> {
    for (let before: Key | undefined; ; ) {
      const key = await this.readKey(id);
      if (!key || key.revokedAt !== undefined) return false;
      // Refused although the key is unchanged: the successor exists.
      if (before && before.expiresAt === key.expiresAt) return false;
      if (await this.succeedUnchanged(key, expiresAt, successor)) return true;
      before = key;
    }
  }

  private succeedUnchanged(key: Key, expiresAt: string, successor: Key): Promise<boolean> {
    const known = key.expiresAt;
    const remains = known !== undefined && isBefore(known, expiresAt);
    const same = known === undefined ? 'attribute_not_exists(worksUntil)' : 'worksUntil = :known';
    const change = {
      Key: apiKeyAt(key.id),
      ConditionExpression: `attribute_exists(pk) AND attribute_not_exists(revokedAt) AND ${same}`,
    };
    const values = {
      ...(known !== undefined && { ':known': { S: known } }),
      ...(!remains && { ':time': { S: expiresAt } }),
    };
    const checked = { ...change, ExpressionAttributeValues: values };
    return this.table.transact((table) => [
      remains
        ? { ConditionCheck: { TableName: table, ...checked } }
        : { Update: { TableName: table, ...checked, UpdateExpression: 'SET worksUntil = :time' } },
      ...newKey(table, successor),
    ]);
  }

  async noteKeyUse(id: string, at: string): Promise<void> {
    if (!isAccessId(id)) return;
    await this.table.update(apiKeyAt(id), 'SET lastUsedAt = :at', {
      when: 'attribute_exists(pk) AND (attribute_not_exists(lastUsedAt) OR lastUsedAt < :at)',
      values: { ':at': { S: at } },
    });
  }

  async putPlan(plan: Plan): Promise<void> {
    await this.table.put(planItem(plan));
  }

  async readPlan(name: string): Promise<Plan | undefined> {
    const item = isAccessId(name) ? await this.table.get(planAt(name)) : undefined;
    return item && toPlan(item);
  }

  async listPlans(): Promise<Plan[]> {
    return (await this.table.query(PLANS)).map(toPlan);
  }

  async close(): Promise<void> {
    this.table.close();
  }

  /** Reads items of a partition by sort key; sort keys are the cursors. */
  private async page(pk: string, { cursor, limit }: PageRequest): Promise<Page<Item>> {
    requireCursor(cursor);
    const after =
      cursor === undefined ? {} : { where: 'sk > :cursor', values: { ':cursor': { S: cursor } } };
    const { items, last } = await this.table.page(pk, after, limit);
    return { items, ...(last && { next: last.sk!.S! }) };
  }
}

function putNew(table: string, item: Item): TransactWriteItem {
  return {
    Put: { TableName: table, Item: item, ConditionExpression: 'attribute_not_exists(pk)' },
  };
}

/** Returns the items of a key: its record and its list entries. */
function newKey(table: string, key: Key): TransactWriteItem[] {
  return [
    putNew(table, keyItem(key)),
    { Put: { TableName: table, Item: keyAt(keysOf(), key.id) } },
    { Put: { TableName: table, Item: keyAt(keysOf(key.client), key.id) } },
  ];
}
