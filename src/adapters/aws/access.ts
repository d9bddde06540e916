import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { Plan } from '../../access/index.js';
import type { AccessStore, Client, Key } from '../../access/port.js';
import type { Page, PageRequest } from '../../api/page.js';
import { isBefore } from '../../core/instant.js';
import { isAccessId, requireCursor } from '../access-ids.js';
import {
  CLIENTS,
  clientAt,
  clientItem,
  keyAt,
  keyItem,
  keysOf,
  PLANS,
  place,
  planAt,
  planItem,
  toClient,
  toKey,
  toPlan,
} from './access-items.js';
import type { DynamoTable, Item } from './dynamo.js';

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
    const answer = await this.table.attempt((client, table) =>
      client.updateItem({
        TableName: table,
        Key: clientAt(id),
        ConditionExpression: 'attribute_exists(pk)',
        UpdateExpression: `SET ${changed.map((field) => `#${field} = :${field}`).join(', ')}`,
        ExpressionAttributeNames: Object.fromEntries(changed.map((field) => [`#${field}`, field])),
        ExpressionAttributeValues: Object.fromEntries(
          changed.map((field) => [`:${field}`, { S: change[field]! }]),
        ),
        ReturnValues: 'ALL_NEW',
      }),
    );
    return answer && toClient(answer.Attributes!);
  }

  async listClients(request: PageRequest): Promise<Page<Client>> {
    const { items, ...more } = await this.page(CLIENTS, request);
    return { items: items.map(toClient), ...more };
  }

  createKey(key: Key): Promise<boolean> {
    return this.table.transact((table) => newKey(table, key));
  }

  async readKey(id: string): Promise<Key | undefined> {
    const item = isAccessId(id) ? await this.table.get(keyAt(id)) : undefined;
    return item && toKey(item);
  }

  async listKeys({ client }: { client?: string }, request: PageRequest): Promise<Page<Key>> {
    requireCursor(request.cursor);
    if (client !== undefined && !isAccessId(client)) return { items: [] };
    const { items, ...more } = await this.page(keysOf(client), request);
    const keys = await this.table.getAll(items.map(({ sk }) => keyAt(sk!.S!)));
    return { items: keys.map(toKey), ...more };
  }

  async revokeKey(id: string, at: string): Promise<Key | undefined> {
    if (!isAccessId(id)) return undefined;
    const answer = await this.table.attempt((client, table) =>
      client.updateItem({
        TableName: table,
        Key: keyAt(id),
        ConditionExpression: 'attribute_exists(pk)',
        UpdateExpression: 'SET revokedAt = if_not_exists(revokedAt, :at)',
        ExpressionAttributeValues: { ':at': { S: at } },
        ReturnValues: 'ALL_NEW',
      }),
    );
    return answer && toKey(answer.Attributes!);
  }

  /**
   * Compares times here, since text order is not always time order, and writes only if the key is unchanged.
   */
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
      Key: keyAt(key.id),
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
    await this.table.attempt((client, table) =>
      client.updateItem({
        TableName: table,
        Key: keyAt(id),
        ConditionExpression:
          'attribute_exists(pk) AND (attribute_not_exists(lastUsedAt) OR lastUsedAt < :at)',
        UpdateExpression: 'SET lastUsedAt = :at',
        ExpressionAttributeValues: { ':at': { S: at } },
      }),
    );
  }

  async putPlan(plan: Plan): Promise<void> {
    await this.table.put(planItem(plan));
  }

  async readPlan(name: string): Promise<Plan | undefined> {
    const item = isAccessId(name) ? await this.table.get(planAt(name)) : undefined;
    return item && toPlan(item);
  }

  async listPlans(): Promise<Plan[]> {
    const plans = await this.table.query({
      KeyConditionExpression: 'pk = :plans',
      ExpressionAttributeValues: { ':plans': { S: PLANS } },
    });
    return plans.map(toPlan);
  }

  async close(): Promise<void> {
    this.table.close();
  }

  /** Reads items of a partition by sort key; sort keys are the cursors. */
  private async page(pk: string, { cursor, limit }: PageRequest): Promise<Page<Item>> {
    requireCursor(cursor);
    const found = await this.table.query(
      {
        KeyConditionExpression: cursor === undefined ? 'pk = :pk' : 'pk = :pk AND sk > :cursor',
        ExpressionAttributeValues: {
          ':pk': { S: pk },
          ...(cursor !== undefined && { ':cursor': { S: cursor } }),
        },
        Limit: limit + 1,
      },
      limit + 1,
    );
    const items = found.slice(0, limit);
    return { items, ...(found.length > limit && { next: items.at(-1)!.sk!.S! }) };
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
    { Put: { TableName: table, Item: place(keysOf(), key.id) } },
    { Put: { TableName: table, Item: place(keysOf(key.client), key.id) } },
  ];
}
