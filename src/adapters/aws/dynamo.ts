import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AttributeValue,
  DynamoDB,
  type DynamoDBClientConfig,
  type TransactWriteItem,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { isOfCondition, reasonsOf, unavailable } from './dynamo-errors.js';

export type Item = Record<string, AttributeValue>;
export interface Key extends Item {
  pk: { S: string };
  sk: { S: string };
}

/** Names and values that expressions refer to. */
interface Terms {
  names?: Record<string, string>;
  values?: Item;
}

/** A condition of a write. */
interface Condition extends Terms {
  when?: string;
}

/** The items of a partition to query; all by default. */
interface Range extends Terms {
  /** Condition on the sort key. */
  where?: string;
  /** Condition on other attributes. */
  filter?: string;
  newestFirst?: boolean;
}

const BATCH_GET = 100;
const BATCH_WRITE = 25;
const CONFLICT_TRIES = 8;

/** Returns the key of an item. */
export const keyAt = (pk: string, sk: string): Key => ({ pk: { S: pk }, sk: { S: sk } });

/** A DynamoDB table with the keys `pk` and `sk`. Reads are consistent. */
export class DynamoTable {
  private readonly client: DynamoDB;

  /** @param config of the client; the environment by default */
  constructor(
    readonly name: string,
    config: DynamoDBClientConfig = {},
  ) {
    this.client = new DynamoDB(config);
    this.client.middlewareStack.add(
      (next) => async (args) => {
        try {
          return await next(args);
        } catch (error) {
          throw isOfCondition(error) ? error : unavailable(name, error);
        }
      },
      { step: 'initialize', priority: 'high' },
    );
  }

  async get(key: Key): Promise<Item | undefined> {
    const asked = { TableName: this.name, Key: key, ConsistentRead: true };
    return (await this.client.getItem(asked)).Item;
  }

  /** Reads items. @returns those that exist, in the order of the keys */
  async getAll(keys: readonly Key[]): Promise<Item[]> {
    const found = new Map<string, Item>();
    const open = [...keys];
    for (let tries = 0; open.length > 0; tries++) {
      const asked = { Keys: open.splice(0, BATCH_GET), ConsistentRead: true };
      const answer = await this.client.batchGetItem({ RequestItems: { [this.name]: asked } });
      for (const item of answer.Responses?.[this.name] ?? []) found.set(nameOf(item), item);
      const left = (answer.UnprocessedKeys?.[this.name]?.Keys ?? []) as Key[];
      open.push(...left);
      if (left.length > 0) await backOff(tries);
    }
    return keys.map((key) => found.get(nameOf(key))).filter((item) => item !== undefined);
  }

  /** Puts an item. @returns whether the condition held */
  async put(item: Item, condition: Condition = {}): Promise<boolean> {
    const asked = { TableName: this.name, Item: item, ...expressionsOf(condition) };
    return (await this.attempt(() => this.client.putItem(asked))) !== undefined;
  }

  /** Updates an item. @returns the updated item; undefined when the condition did not hold */
  async update(key: Key, expression: string, condition: Condition = {}): Promise<Item | undefined> {
    const asked = {
      TableName: this.name,
      Key: key,
      UpdateExpression: expression,
      ReturnValues: 'ALL_NEW' as const,
      ...expressionsOf(condition),
    };
    return (await this.attempt(() => this.client.updateItem(asked)))?.Attributes;
  }

  /** Deletes an item if the condition holds. */
  async delete(key: Key, condition: Condition): Promise<void> {
    const asked = { TableName: this.name, Key: key, ...expressionsOf(condition) };
    await this.attempt(() => this.client.deleteItem(asked));
  }

  /** Puts items unconditionally. */
  putAll(items: readonly Item[]): Promise<void> {
    return this.writeAll(items.map((Item) => ({ PutRequest: { Item } })));
  }

  /** Deletes items unconditionally. */
  deleteAll(items: readonly Item[]): Promise<void> {
    return this.writeAll(
      items.map(({ pk, sk }) => ({ DeleteRequest: { Key: { pk: pk!, sk: sk! } } })),
    );
  }

  private async writeAll(requests: readonly WriteRequest[]): Promise<void> {
    const open = [...requests];
    for (let tries = 0; open.length > 0; tries++) {
      const answer = await this.client.batchWriteItem({
        RequestItems: { [this.name]: open.splice(0, BATCH_WRITE) },
      });
      const left = (answer.UnprocessedItems?.[this.name] ?? []) as WriteRequest[];
      open.push(...left);
      if (left.length > 0) await backOff(tries);
    }
  }

  /** Queries the items of a partition by sort key. */
  async query(pk: string, range: Range = {}, limit = Number.POSITIVE_INFINITY): Promise<Item[]> {
    const { where, filter, names, values, newestFirst } = range;
    const items: Item[] = [];
    let from: Item | undefined;
    do {
      const answer = await this.client.query({
        TableName: this.name,
        ConsistentRead: true,
        KeyConditionExpression: where === undefined ? 'pk = :pk' : `pk = :pk AND ${where}`,
        FilterExpression: filter,
        ExpressionAttributeNames: names,
        ExpressionAttributeValues: { ':pk': { S: pk }, ...values },
        ScanIndexForward: !newestFirst,
        // A filter applies after the limit.
        ...(filter === undefined && Number.isFinite(limit) && { Limit: limit }),
        ExclusiveStartKey: from,
      });
      items.push(...(answer.Items ?? []));
      from = answer.LastEvaluatedKey;
    } while (from !== undefined && items.length < limit);
    return items.slice(0, limit);
  }

  /** Queries a page of a partition. @returns its items, and the last of them when more follow */
  async page(pk: string, range: Range, limit: number): Promise<{ items: Item[]; last?: Item }> {
    const found = await this.query(pk, range, limit + 1);
    const items = found.slice(0, limit);
    return found.length > limit ? { items, last: items.at(-1)! } : { items };
  }

  /** Writes conditionally, all or nothing. @returns whether all conditions held */
  async transact(writes: (table: string) => TransactWriteItem[]): Promise<boolean> {
    const asked = { TransactItems: writes(this.name) };
    return (await this.attempt(() => this.client.transactWriteItems(asked))) !== undefined;
  }

  /**
   * Writes conditionally, all or nothing, and once per token within ten minutes.
   * @returns undefined on success, otherwise the cancellation reason of each write
   */
  async transactOnce(
    token: string,
    writes: TransactWriteItem[],
  ): Promise<readonly string[] | undefined> {
    try {
      await this.client.transactWriteItems({ ClientRequestToken: token, TransactItems: writes });
      return undefined;
    } catch (error) {
      if ((error as Error).name !== 'TransactionCanceledException') throw error;
      return reasonsOf(error);
    }
  }

  /** Closes its connections. */
  close(): void {
    this.client.destroy();
  }

  /**
   * Runs a conditional write, and retries conflicts, which reveal nothing about its condition.
   * @returns undefined when the condition did not hold
   */
  private async attempt<Answer>(write: () => Promise<Answer>): Promise<Answer | undefined> {
    for (let tries = 0; ; tries++) {
      try {
        return await write();
      } catch (error) {
        const reasons = reasonsOf(error);
        if (reasons.includes('ConditionalCheckFailed')) return undefined;
        if (!reasons.includes('TransactionConflict')) throw error;
        if (tries === CONFLICT_TRIES) throw unavailable(this.name, error);
        await backOff(tries);
      }
    }
  }
}

function expressionsOf({ when, names, values }: Condition) {
  return {
    ConditionExpression: when,
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
  };
}

function nameOf({ pk, sk }: Item): string {
  return JSON.stringify([pk?.S, sk?.S]);
}

/** Waits with exponential backoff and jitter. */
export function backOff(tries: number): Promise<void> {
  return sleep(Math.random() * Math.min(1000, 25 * 2 ** tries));
}
