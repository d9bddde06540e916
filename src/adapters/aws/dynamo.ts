import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AttributeValue,
  DynamoDB,
  type DynamoDBClientConfig,
  type QueryCommandInput,
  type TransactWriteItem,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';

export type Item = Record<string, AttributeValue>;
export interface Key extends Item {
  pk: { S: string };
  sk: { S: string };
}

const BATCH_GET = 100;
const BATCH_WRITE = 25;
const CONFLICT_TRIES = 8;

/** A DynamoDB table with the keys `pk` and `sk`. Reads are consistent. */
export class DynamoTable {
  private readonly client: DynamoDB;

  /** @param config of the client; the environment by default */
  constructor(
    readonly name: string,
    config: DynamoDBClientConfig = {},
  ) {
    this.client = new DynamoDB(config);
  }

  async get(key: Key): Promise<Item | undefined> {
    return (await this.client.getItem({ TableName: this.name, Key: key, ConsistentRead: true }))
      .Item;
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

  /** Puts an item unconditionally. */
  async put(item: Item): Promise<void> {
    await this.unlessRefused(() => this.client.putItem({ TableName: this.name, Item: item }));
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

  /** Queries items by key, over as many pages as needed. */
  async query(
    input: Omit<QueryCommandInput, 'TableName' | 'ConsistentRead' | 'ExclusiveStartKey'>,
    limit = Number.POSITIVE_INFINITY,
  ): Promise<Item[]> {
    const items: Item[] = [];
    let from: Item | undefined;
    do {
      const answer = await this.client.query({
        ...input,
        TableName: this.name,
        ConsistentRead: true,
        ExclusiveStartKey: from,
      });
      items.push(...(answer.Items ?? []));
      from = answer.LastEvaluatedKey;
    } while (from !== undefined && items.length < limit);
    return items.slice(0, limit);
  }

  /**
   * Writes conditionally, all or nothing.
   * @returns whether all conditions held
   */
  async transact(writes: (table: string) => TransactWriteItem[]): Promise<boolean> {
    return this.unlessRefused(() =>
      this.client.transactWriteItems({ TransactItems: writes(this.name) }),
    );
  }

  /**
   * Writes conditionally, all or nothing, and once per token within ten minutes.
   * @returns undefined on success; else the cancellation reason of each write
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

  /** Runs a conditional write. @returns undefined when its condition did not hold */
  async attempt<Answer>(
    write: (client: DynamoDB, table: string) => Promise<Answer>,
  ): Promise<Answer | undefined> {
    let answer: Answer | undefined;
    const held = await this.unlessRefused(async () => {
      answer = await write(this.client, this.name);
    });
    return held ? answer : undefined;
  }

  /** Closes its connections. */
  close(): void {
    this.client.destroy();
  }

  /** Retries conflicting transactions: a conflict reveals nothing about their conditions. */
  private async unlessRefused(write: () => Promise<unknown>): Promise<boolean> {
    for (let tries = 0; ; tries++) {
      try {
        await write();
        return true;
      } catch (error) {
        const why = reasonsOf(error);
        if (why.includes('ConditionalCheckFailed')) return false;
        if (!why.includes('TransactionConflict') || tries === CONFLICT_TRIES) throw error;
        await backOff(tries);
      }
    }
  }
}

function nameOf({ pk, sk }: Item): string {
  return JSON.stringify([pk?.S, sk?.S]);
}

function reasonsOf(error: unknown): string[] {
  const { name, CancellationReasons } = error as {
    name?: string;
    CancellationReasons?: { Code?: string }[];
  };
  if (name === 'TransactionCanceledException')
    return (CancellationReasons ?? []).map(({ Code }) => Code ?? '');
  return [name?.replace(/Exception$/, '') ?? ''];
}

/** Waits with exponential backoff and jitter. */
export function backOff(tries: number): Promise<void> {
  return sleep(Math.random() * Math.min(1000, 25 * 2 ** tries));
}
