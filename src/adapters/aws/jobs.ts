import type { Page, PageRequest } from '../../api/page.js';
import { LapidaryError } from '../../core/errors.js';
import {
  isOpen,
  type Job,
  type JobFilter,
  type JobState,
  type JobStore,
  type Lease,
  type LogLine,
} from '../../jobs/port.js';
import type { DynamoTable, Item } from './dynamo.js';
import {
  filterOf,
  idOf,
  jobItem,
  jobKey,
  jobOf,
  jobsOf,
  laneKey,
  lineItems,
  lineKey,
  listedItem,
  logKey,
  markOpen,
  matches,
  OPEN,
  placeOf,
  toJob,
  toLine,
} from './job-items.js';

const ID = /^[0-9a-f-]{36}$/;

/** Jobs in a DynamoDB table; job-items.ts says what is in it. */
export class DynamoJobStore implements JobStore {
  constructor(private readonly table: DynamoTable) {}

  async createOnce(job: Job): Promise<Job> {
    const item = jobItem(job);
    for (;;) {
      const created = await this.table.transact((table) => [
        { Put: { TableName: table, Item: item, ConditionExpression: 'attribute_not_exists(pk)' } },
        { Put: { TableName: table, Item: listedItem(job) } },
        markOpen(job, table),
      ]);
      const found = created ? job : await this.read(job.id);
      if (found) return found;
    }
  }

  async read(id: string): Promise<Job | undefined> {
    if (!ID.test(id)) return undefined;
    const item = await this.table.get(jobKey(id));
    return item && toJob(item);
  }

  async replace(next: Job): Promise<boolean> {
    const item = jobItem(next);
    const before = { ':before': { N: String(next.revision - 1) } };
    // Most changes are heartbeats, in which the state stays: they need no transaction.
    const kept = await this.table.attempt((client, table) =>
      client.putItem({
        TableName: table,
        Item: item,
        ConditionExpression: 'revision = :before AND #state = :state',
        ExpressionAttributeNames: { '#state': 'state' },
        ExpressionAttributeValues: { ...before, ':state': { S: next.state } },
      }),
    );
    if (kept) return true;
    return this.table.transact((table) => [
      {
        Put: {
          TableName: table,
          Item: item,
          ConditionExpression: 'revision = :before',
          ExpressionAttributeValues: before,
        },
      },
      { Put: { TableName: table, Item: listedItem(next) } },
      markOpen(next, table),
    ]);
  }

  async listOpen(): Promise<Job[]> {
    const marks = await this.table.query(ofPartition(OPEN));
    return (await this.readAll(marks)).filter(isOpen);
  }

  async forgetEnded(client: string, most: number): Promise<{ forgotten: Job[]; left: number }> {
    const listed = await this.table.query(ofPartition(jobsOf(client)));
    const ended = listed.filter(({ state }) => !isOpen({ state: state!.S as JobState }));
    const old = ended.slice(0, Math.max(0, listed.length - most));
    const forgotten = await this.readAll(old);
    for (const { id } of forgotten) {
      const items = await this.table.query(ofPartition(jobOf(id)));
      await this.table.deleteAll(items);
    }
    // The list is last: what a crash leaves is forgotten the next time.
    await this.table.deleteAll(old);
    return { forgotten, left: listed.length - old.length };
  }

  async list(
    client: string,
    filter: JobFilter,
    { cursor, limit }: PageRequest,
  ): Promise<Page<Job>> {
    const last = cursor === undefined ? undefined : await this.read(cursor);
    if (cursor !== undefined && last?.client !== client)
      throw new LapidaryError(
        'job_not_found',
        `the list cannot go on at job "${cursor.slice(0, 100)}": not found`,
      );
    const { names, values, expression } = filterOf(filter);
    const found = await this.table.query(
      {
        KeyConditionExpression: last ? 'pk = :jobs AND sk < :last' : 'pk = :jobs',
        ExpressionAttributeValues: {
          ':jobs': { S: jobsOf(client) },
          ...values,
          ...(last && { ':last': { S: placeOf(last) } }),
        },
        ...(expression !== undefined && {
          FilterExpression: expression,
          ExpressionAttributeNames: names,
        }),
        ScanIndexForward: false,
      },
      limit + 1,
    );
    const { items, next } = pageOf(found, limit);
    // A job may have changed since its item in the list was read.
    const jobs = (await this.readAll(items)).filter((job) => matches(job, filter));
    return { items: jobs, ...(next && { next: idOf(next) }) };
  }

  async takeLane(lane: string, { holder, expiresAt }: Lease, now: number): Promise<boolean> {
    const taken = await this.table.attempt((client, table) =>
      client.putItem({
        TableName: table,
        Item: { ...laneKey(lane), holder: { S: holder }, expiresAt: { N: String(expiresAt) } },
        ConditionExpression: 'attribute_not_exists(pk) OR holder = :holder OR expiresAt <= :now',
        ExpressionAttributeValues: { ':holder': { S: holder }, ':now': { N: String(now) } },
      }),
    );
    return taken !== undefined;
  }

  async leaveLane(lane: string, holder: string): Promise<void> {
    await this.table.attempt((client, table) =>
      client.deleteItem({
        TableName: table,
        Key: laneKey(lane),
        ConditionExpression: 'holder = :holder',
        ExpressionAttributeValues: { ':holder': { S: holder } },
      }),
    );
  }

  /** Takes as many numbers as there are lines, then writes these: two who append never overwrite. */
  async appendLog(id: string, lines: readonly LogLine[]): Promise<void> {
    if (lines.length === 0) return;
    const counted = await this.table.attempt((client, table) =>
      client.updateItem({
        TableName: table,
        Key: logKey(id),
        UpdateExpression: 'ADD #count :more',
        ExpressionAttributeNames: { '#count': 'count' },
        ExpressionAttributeValues: { ':more': { N: String(lines.length) } },
        ReturnValues: 'UPDATED_NEW',
      }),
    );
    await this.table.putAll(lineItems(id, lines, Number(counted!.Attributes!.count!.N)));
  }

  async readLog(id: string, { cursor = '0', limit }: PageRequest): Promise<Page<LogLine>> {
    if (!/^\d{1,12}$/.test(cursor))
      throw new LapidaryError('invalid_request', `"${cursor}" is no cursor of a log`);
    const found = await this.table.query(
      {
        KeyConditionExpression: 'pk = :job AND sk BETWEEN :from AND :to',
        ExpressionAttributeValues: {
          ':job': { S: jobOf(id) },
          ':from': { S: lineKey(Number(cursor)) },
          ':to': { S: 'log#~' },
        },
      },
      limit + 1,
    );
    const { items, next } = pageOf(found, limit);
    const after = next && Number(next.sk!.S!.slice('log#'.length)) + 1;
    return { items: items.map(toLine), ...(after && { next: String(after) }) };
  }

  private async readAll(items: readonly Item[]): Promise<Job[]> {
    const keys = items.map((item) => jobKey(idOf(item)));
    return (await this.table.getAll(keys)).map(toJob);
  }
}

const ofPartition = (pk: string) => ({
  KeyConditionExpression: 'pk = :pk',
  ExpressionAttributeValues: { ':pk': { S: pk } },
});

/** @param found one item more than the page has, if there is one */
function pageOf(found: readonly Item[], limit: number): { items: readonly Item[]; next?: Item } {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return found.length > limit && last ? { items, next: last } : { items };
}
