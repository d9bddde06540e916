import { randomUUID } from 'node:crypto';
import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import {
  AMOUNTS,
  addAmounts,
  type DailyUsage,
  REMEMBERED_DAYS,
  type UsageRecord,
  type UsageStore,
} from '../../access/port.js';
import { countedAt, sumAt, toPart, usagePartition, userAt } from './access-items.js';
import { backOff, type DynamoTable } from './dynamo.js';
import { type Sum, UsageTally } from './usage-tally.js';

/** Limit of DynamoDB for a transaction. */
const MAX_WRITES = 100;
/** Items that a sum is sharded over when many processes add to it. */
const SHARDS = 16;
const TRIES = 10;
const CLIENTS_AT_ONCE = 8;
const DAY_S = 86_400;

/** Reasons after which a transaction is retried. */
const PASSING = new Set([
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
]);

interface Waiting {
  records: readonly UsageRecord[];
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Stores usage in a DynamoDB table, laid out as in access-items.ts. Records are added to sums in transactions with a
 * token, so that a retry after a lost response counts once. A record with an id is also marked, if it is not yet.
 */
export class DynamoUsageStore implements UsageStore {
  /** A record takes two writes at most. */
  readonly atOnce = MAX_WRITES / 2;
  private waiting: Waiting[] = [];
  private writing: Promise<void> | undefined;
  private readonly users = new Set<string>();
  /** All processes start with the same shard: reading the usage of few processes reads few items. */
  private shard = 0;

  constructor(private readonly table: DynamoTable) {}

  record(records: readonly UsageRecord[]): Promise<void> {
    if (!new UsageTally(MAX_WRITES).tryAdd(records))
      return Promise.reject(new RangeError(`at most ${this.atOnce} records at once`));
    return new Promise((resolve, reject) => {
      this.waiting.push({ records, resolve, reject });
      this.writing ??= this.writeAll();
    });
  }

  async read(month: string, client?: string): Promise<DailyUsage[]> {
    const clients = client === undefined ? await this.clientsOf(month) : [client];
    const usage: DailyUsage[] = [];
    for (let i = 0; i < clients.length; i += CLIENTS_AT_ONCE) {
      const some = clients.slice(i, i + CLIENTS_AT_ONCE);
      const found = await Promise.all(some.map((each) => this.usageOf(month, each)));
      usage.push(...found.flat());
    }
    return usage;
  }

  /** The shared table is closed by its owner. */
  async close(): Promise<void> {
    await this.writing;
  }

  /**
   * Runs one transaction at a time: two of one process would conflict. Records that arrive meanwhile share the next.
   */
  private async writeAll(): Promise<void> {
    while (this.waiting.length > 0) {
      const { taken, tally } = this.takeSome();
      try {
        await this.write(tally);
        for (const { resolve } of taken) resolve();
      } catch (error) {
        for (const { reject } of taken) reject(error);
      }
    }
    // Reset in the same turn: the next record starts a new run.
    this.writing = undefined;
  }

  private takeSome(): { taken: Waiting[]; tally: UsageTally } {
    const tally = new UsageTally(MAX_WRITES);
    const full = this.waiting.findIndex(({ records }) => !tally.tryAdd(records));
    const taken = this.waiting.splice(0, full === -1 ? this.waiting.length : full);
    return { taken, tally };
  }

  private async write(tally: UsageTally): Promise<void> {
    await this.listUsers(tally.sums);
    for (let tries = 0; !tally.isEmpty; ) {
      const { ids } = tally;
      const writes = [...ids.map((id) => this.mark(id)), ...tally.sums.map((sum) => this.add(sum))];
      const reasons = await this.table.transactOnce(randomUUID(), writes);
      if (reasons === undefined) return;
      const counted = ids.filter((_, i) => reasons[i] === 'ConditionalCheckFailed');
      for (const id of counted) tally.drop(id);
      if (counted.length > 0) continue;
      if (!reasons.some((reason) => PASSING.has(reason)) || tries === TRIES)
        throw new Error(`the usage could not be written: ${[...new Set(reasons)].join(', ')}`);
      // Another process adds to the same sum: use another shard.
      this.shard = Math.floor(Math.random() * SHARDS);
      await backOff(tries++);
    }
  }

  private mark(id: string): TransactWriteItem {
    const expiresAt = Math.ceil(Date.now() / 1000) + REMEMBERED_DAYS * DAY_S;
    return {
      Put: {
        TableName: this.table.name,
        Item: { ...countedAt(id), expiresAt: { N: String(expiresAt) } },
        ConditionExpression: 'attribute_not_exists(pk)',
      },
    };
  }

  private add(sum: Sum): TransactWriteItem {
    return {
      Update: {
        TableName: this.table.name,
        Key: sumAt(sum, this.shard),
        UpdateExpression: `ADD ${AMOUNTS.map((amount) => `#${amount} :${amount}`).join(', ')}`,
        ExpressionAttributeNames: Object.fromEntries(
          AMOUNTS.map((amount) => [`#${amount}`, amount]),
        ),
        ExpressionAttributeValues: Object.fromEntries(
          AMOUNTS.map((amount) => [`:${amount}`, { N: String(sum[amount]) }]),
        ),
      },
    };
  }

  /** Lists clients before their sums exist, once per process and without a transaction. */
  private async listUsers(sums: readonly Sum[]): Promise<void> {
    const users = new Map(
      sums.map((sum) => [usagePartition(sum.day.slice(0, 7), sum.client), sum]),
    );
    const unlisted = [...users].filter(([name]) => !this.users.has(name));
    await Promise.all(
      unlisted.map(async ([name, { day, client }]) => {
        await this.table.put(userAt(day.slice(0, 7), client));
        this.users.add(name);
      }),
    );
  }

  private async clientsOf(month: string): Promise<string[]> {
    return (await this.table.query(usagePartition(month))).map(({ sk }) => sk!.S!);
  }

  private async usageOf(month: string, client: string): Promise<DailyUsage[]> {
    const days = new Map<string, DailyUsage>();
    for (const item of await this.table.query(usagePartition(month, client))) {
      const { model, day, ...amounts } = toPart(item);
      const place = `${model}#${day}`;
      const whole = days.get(place);
      if (whole === undefined) days.set(place, { client, model, day, ...amounts });
      else addAmounts(whole, amounts);
    }
    return [...days.values()].sort((a, b) => compare(a.model, b.model) || compare(a.day, b.day));
  }
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
