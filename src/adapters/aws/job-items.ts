import { LapidaryError } from '../../core/errors.js';
import { isOpen, JOB_FILTERS, type Job, type JobFilter, type LogLine } from '../../jobs/port.js';
import { type Item, type Key, keyAt } from './dynamo.js';

/*
 * The items of the table, by partition key (pk) and sort key (sk):
 *
 *   job#ID       job       the job as JSON; its revision and state are attributes, for conditions
 *   job#ID       log       number of log lines
 *   job#ID       log#N     a log line
 *   lane#LANE    lane      holder and expiry of the lane's lease
 *   jobs#CLIENT  TIME#ID   attributes of the filters; TIME is when the job was submitted
 *   open         TIME#ID   exists while the job is queued or running
 *
 * `jobs#…` and `open` are items, written in one transaction with the job's state, rather than an index, which is
 * eventually consistent: a new job is listed at once. A heartbeat, which changes no state, writes the job alone.
 */

/** DynamoDB's limit is 400 KB for an item with the names of its attributes. */
const MAX_JOB_BYTES = 390 * 1024;
/** Characters, of at most three bytes each: a line stays below that limit. */
const MAX_LINE_LENGTH = 100_000;
const LINE_DIGITS = 12;

/** Returns the partition of a job. */
export const jobOf = (id: string): string => `job#${id}`;
export const jobKey = (id: string): Key => keyAt(jobOf(id), 'job');
export const logKey = (id: string): Key => keyAt(jobOf(id), 'log');
export const laneKey = (lane: string): Key => keyAt(`lane#${lane}`, 'lane');
/** Returns the partition of the list of a client's jobs. */
export const jobsOf = (client: string): string => `jobs#${client}`;
export const OPEN = 'open';

/** @throws LapidaryError `payload_too_large` */
export function jobItem(job: Job): Item {
  const text = JSON.stringify(job);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_JOB_BYTES) {
    const detail = `the job has ${bytes} bytes with its order and result; DynamoDB stores at most ${MAX_JOB_BYTES}`;
    throw new LapidaryError('payload_too_large', detail);
  }
  return {
    ...jobKey(job.id),
    job: { S: text },
    revision: { N: String(job.revision) },
    state: { S: job.state },
  };
}

export function toJob(item: Item): Job {
  return JSON.parse(item.job!.S!) as Job;
}

/** Returns the sort key of a job in lists. */
export const placeOf = ({ submittedAt, id }: Job): string => `${submittedAt}#${id}`;
/** Returns the id of the job of a list entry. */
export const idOf = ({ sk }: Item): string => sk!.S!.split('#')[1]!;

/** Returns the list entry of a job. */
export function listedItem(job: Job): Item {
  const filtered = JOB_FILTERS.filter((name) => job[name] !== undefined);
  return {
    ...keyAt(jobsOf(job.client), placeOf(job)),
    ...Object.fromEntries(filtered.map((name) => [name, { S: job[name]! }])),
  };
}

/** Returns the write that marks a job as open, or removes the mark. */
export function markOpen(job: Job, table: string) {
  const mark = keyAt(OPEN, placeOf(job));
  return isOpen(job)
    ? { Put: { TableName: table, Item: mark } }
    : { Delete: { TableName: table, Key: mark } };
}

/** Returns the items of log lines. @param end number of lines including these */
export function lineItems(id: string, lines: readonly LogLine[], end: number): Item[] {
  return lines.map(({ at, message }, index) => ({
    ...keyAt(jobOf(id), lineKey(end - lines.length + index)),
    at: { S: at },
    message: { S: message.slice(0, MAX_LINE_LENGTH) },
  }));
}

export function lineKey(number: number): string {
  return `log#${String(number).padStart(LINE_DIGITS, '0')}`;
}

export function toLine({ at, message }: Item): LogLine {
  return { at: at!.S!, message: message!.S! };
}

/** Returns a filter as an expression of DynamoDB. */
export function filterOf(filter: JobFilter) {
  const names = JOB_FILTERS.filter((name) => filter[name] !== undefined);
  if (names.length === 0) return {};
  return {
    filter: names.map((name) => `#${name} = :${name}`).join(' AND '),
    names: Object.fromEntries(names.map((name) => [`#${name}`, name])),
    values: Object.fromEntries(names.map((name) => [`:${name}`, { S: filter[name]! }])),
  };
}
