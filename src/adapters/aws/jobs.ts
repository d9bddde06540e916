import type { Page, PageRequest } from '../../api/page.js';
import { isUuid } from '../../core/ids.js';
import {
  isOpen,
  type Job,
  type JobFilter,
  type JobState,
  type JobStore,
  type Lease,
  type LogLine,
  matches,
} from '../../jobs/port.js';
import { jobAtCursor, lineAtCursor } from '../job-cursors.js';
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
  OPEN,
  placeOf,
  toJob,
  toLine,
} from './job-items.js';

/** Stores jobs in a DynamoDB table, laid out as in job-items.ts. */
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
    if (!isUuid(id)) return undefined;
    const item = await this.table.get(jobKey(id));
    return item && toJob(item);
  }

  async replace(next: Job): Promise<boolean> {
    const item = jobItem(next);
    const before = { ':before': { N: String(next.revision - 1) } };
    // Most changes are heartbeats, which keep the state: they need no transaction.
    const kept = await this.table.put(item, {
      when: 'revision = :before AND #state = :state',
      names: { '#state': 'state' },
      values: { ...before, ':state': { S: next.state } },
    });
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
    return (await this.readAll(await this.table.query(OPEN))).filter(isOpen);
  }

  async forgetEnded(client: string, most: number): Promise<{ forgotten: Job[]; left: number }> {
    const listed = await this.table.query(jobsOf(client));
    const ended = listed.filter(({ state }) => !isOpen({ state: state!.S as JobState }));
    const old = ended.slice(0, Math.max(0, listed.length - most));
    const forgotten = await this.readAll(old);
    for (const { id } of forgotten) await this.table.deleteAll(await this.table.query(jobOf(id)));
    // The list is last: after a crash, the next call continues.
    await this.table.deleteAll(old);
    return { forgotten, left: listed.length - old.length };
  }

  async list(
    client: string,
    filter: JobFilter,
    { cursor, limit }: PageRequest,
  ): Promise<Page<Job>> {
    const after = await jobAtCursor(this, client, cursor);
    const { values, ...range } = filterOf(filter);
    const { items, last } = await this.table.page(
      jobsOf(client),
      {
        ...range,
        ...(after && { where: 'sk < :after' }),
        values: { ...values, ...(after && { ':after': { S: placeOf(after) } }) },
        newestFirst: true,
      },
      limit,
    );
    // A job may have changed since its list entry was read.
    const jobs = (await this.readAll(items)).filter((job) => matches(job, filter));
    return { items: jobs, ...(last && { next: idOf(last) }) };
  }

  takeLane(lane: string, { holder, expiresAt }: Lease, now: number): Promise<boolean> {
    const lease = { holder: { S: holder }, expiresAt: { N: String(expiresAt) } };
    return this.table.put(
      { ...laneKey(lane), ...lease },
      {
        when: 'attribute_not_exists(pk) OR holder = :holder OR expiresAt <= :now',
        values: { ':holder': lease.holder, ':now': { N: String(now) } },
      },
    );
  }

  leaveLane(lane: string, holder: string): Promise<void> {
    const values = { ':holder': { S: holder } };
    return this.table.delete(laneKey(lane), { when: 'holder = :holder', values });
  }

  /** Reserves numbers for the lines, then writes them: concurrent calls never overwrite each other. */
  async appendLog(id: string, lines: readonly LogLine[]): Promise<void> {
    if (lines.length === 0) return;
    const counted = await this.table.update(logKey(id), 'ADD #count :more', {
      names: { '#count': 'count' },
      values: { ':more': { N: String(lines.length) } },
    });
    await this.table.putAll(lineItems(id, lines, Number(counted!.count!.N)));
  }

  async readLog(id: string, { cursor, limit }: PageRequest): Promise<Page<LogLine>> {
    const from = lineKey(lineAtCursor(cursor));
    const values = { ':from': { S: from }, ':to': { S: 'log#~' } };
    const range = { where: 'sk BETWEEN :from AND :to', values };
    const { items, last } = await this.table.page(jobOf(id), range, limit);
    const next = last && Number(last.sk!.S!.slice('log#'.length)) + 1;
    return { items: items.map(toLine), ...(next && { next: String(next) }) };
  }

  private async readAll(items: readonly Item[]): Promise<Job[]> {
    const keys = items.map((item) => jobKey(idOf(item)));
    return (await this.table.getAll(keys)).map(toJob);
  }
}
