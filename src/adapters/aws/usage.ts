import { randomUUID } from 'node:crypto';
import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { UsageStore } from '../../access/port.js';
import { type DailyUsage, REMEMBERED_DAYS, type UsageRecord } from '../../access/port.js';
import { countedAt, sumAt, toPart, usagePartition, userAt } from './access-items.js';
import { backOff, type DynamoTable } from './dynamo.js';
import { AMOUNTS, type Sum, UsageTally } from './usage-tally.js';

/** DynamoDB's limit of a transaction. */
const MAX_WRITES = 100;
/** Over how many items a sum is spread where many processes add to it. */
const SHARDS = 16;
const TRIES = 10;
const CLIENTS_AT_ONCE = 8;
const DAY_S = 86_400;

/** What was not written for one of these is written when it is tried again. */
const PASSING = new Set([
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
]);

interface Told {
  records: readonly UsageRecord[];
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Usage in a DynamoDB table; access-items.ts says what is in it. Records are added to sums in transactions. One
 * has a token, so that it counts once when it is sent again after a lost answer; a record with an id is also
 * marked in the same transaction, under the condition that it was not.
 */
export class DynamoUsageStore implements UsageStore {
  /** At worst a record is two writes. */
  readonly atOnce = MAX_WRITES / 2;
  private waiting: Told[] = [];
  private writing: Promise<void> | undefined;
  private readonly users = new Set<string>();
  /** All processes begin with the same, so that reading what few have recorded is reading few items. */
  private shard = 0;

  constructor(private readonly table: DynamoTable) {}

  record(records: readonly UsageRecord[]): Promise<void> {
    if (!new UsageTally(MAX_WRITES).tryAdd(records))
      return Promise.reject(new RangeError(`at most ${this.atOnce} records are kept at once`));
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

  /** The table is closed by whom it is shared with. */
  async close(): Promise<void> {
    await this.writing;
  }

  /**
   * One transaction after another, since two of one process would only be in each other's way. What is told
   * while one is under way goes into the next, together.
   */
  private async writeAll(): Promise<void> {
    while (this.waiting.length > 0) {
      const { told, tally } = this.takeSome();
      try {
        await this.write(tally);
        for (const { resolve } of told) resolve();
      } catch (error) {
        for (const { reject } of told) reject(error);
      }
    }
    // In the turn in which it saw that nobody waits: whoever comes next begins anew.
    this.writing = undefined;
  }

  private takeSome(): { told: Told[]; tally: UsageTally } {
    const tally = new UsageTally(MAX_WRITES);
    const full = this.waiting.findIndex(({ records }) => !tally.tryAdd(records));
    const told = this.waiting.splice(0, full === -1 ? this.waiting.length : full);
    return { told, tally };
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
      // Somebody else adds to the same sum: from now on elsewhere.
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

  /** Before the sums: whoever has one is listed. That needs no transaction, and is done once a process. */
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
    const users = await this.table.query({
      KeyConditionExpression: 'pk = :month',
      ExpressionAttributeValues: { ':month': { S: usagePartition(month) } },
    });
    return users.map(({ sk }) => sk!.S!);
  }

  private async usageOf(month: string, client: string): Promise<DailyUsage[]> {
    const items = await this.table.query({
      KeyConditionExpression: 'pk = :client',
      ExpressionAttributeValues: { ':client': { S: usagePartition(month, client) } },
    });
    const days = new Map<string, DailyUsage>();
    for (const item of items) {
      const { model, day, ...amounts } = toPart(item);
      const place = `${model}#${day}`;
      const whole = days.get(place);
      if (whole === undefined) days.set(place, { client, model, day, ...amounts });
      else for (const amount of AMOUNTS) whole[amount] += amounts[amount];
    }
    return [...days.values()].sort((a, b) => compare(a.model, b.model) || compare(a.day, b.day));
  }
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
