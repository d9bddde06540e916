import { LapidaryError } from '../../core/errors.js';
import { isOpen, type Job, type JobFilter, type LogLine } from '../../jobs/port.js';
import type { Item, Key } from './dynamo.js';

/*
 * The items of the table, by partition (pk) and what is in it (sk):
 *
 *   job#ID       job       the job, whole, as JSON; its revision and state beside it, for conditions
 *   job#ID       log       how many lines its log has
 *   job#ID       log#N     a line
 *   lane#LANE    lane      who has the lane, until when
 *   jobs#CLIENT  TIME#ID   what lists are filtered by; TIME is when the job was submitted
 *   open         TIME#ID   only while the job is queued or running
 *
 * `jobs#…` and `open` are items rather than indexes, written in one transaction with the job's state: an
 * index of DynamoDB lags behind, and who has just submitted a job wants to see it. A heartbeat, which
 * changes no state, writes the job alone.
 */

/** DynamoDB's limit is 400 KB for an item, with the names of its attributes. */
const MAX_JOB_BYTES = 390 * 1024;
/** At three bytes each at most, a line is as far below it. */
const MAX_LINE_LENGTH = 100_000;
const LINE_DIGITS = 12;

export const key = (pk: string, sk: string): Key => ({ pk: { S: pk }, sk: { S: sk } });
/** The partition of a job. */
export const jobOf = (id: string): string => `job#${id}`;
export const jobKey = (id: string): Key => key(jobOf(id), 'job');
export const logKey = (id: string): Key => key(jobOf(id), 'log');
export const laneKey = (lane: string): Key => key(`lane#${lane}`, 'lane');
/** The partition of a client's jobs. */
export const jobsOf = (client: string): string => `jobs#${client}`;
export const OPEN = 'open';

/** @throws LapidaryError `payload_too_large` */
export function jobItem(job: Job): Item {
  const text = JSON.stringify(job);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_JOB_BYTES) {
    const detail = `with its order and result the job has ${bytes} bytes; DynamoDB keeps ${MAX_JOB_BYTES}`;
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

/** What jobs are sorted by. */
export const placeOf = ({ submittedAt, id }: Job): string => `${submittedAt}#${id}`;
/** The id of the job that a list or a mark has an item of. */
export const idOf = ({ sk }: Item): string => sk!.S!.split('#')[1]!;

/** The item that lists are made of. */
export function listedItem(job: Job): Item {
  const { model, kind, state, parent } = job;
  return {
    ...key(jobsOf(job.client), placeOf(job)),
    model: { S: model },
    kind: { S: kind },
    state: { S: state },
    ...(parent !== undefined && { parent: { S: parent } }),
  };
}

/** What keeps the mark of an open job as the job is. */
export function markOpen(job: Job, table: string) {
  const mark = key(OPEN, placeOf(job));
  return isOpen(job)
    ? { Put: { TableName: table, Item: mark } }
    : { Delete: { TableName: table, Key: mark } };
}

/** @param end how many lines there are with these */
export function lineItems(id: string, lines: readonly LogLine[], end: number): Item[] {
  return lines.map(({ at, message }, index) => ({
    ...key(jobOf(id), lineKey(end - lines.length + index)),
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

export function matches(job: Job, filter: JobFilter): boolean {
  return FILTERS.every((name) => filter[name] === undefined || filter[name] === job[name]);
}

const FILTERS = ['model', 'kind', 'state', 'parent'] as const;

/** A filter as DynamoDB has it. */
export function filterOf(filter: JobFilter) {
  const names = FILTERS.filter((name) => filter[name] !== undefined);
  return {
    names: Object.fromEntries(names.map((name) => [`#${name}`, name])),
    values: Object.fromEntries(names.map((name) => [`:${name}`, { S: filter[name]! }])),
    ...(names.length > 0 && {
      expression: names.map((name) => `#${name} = :${name}`).join(' AND '),
    }),
  };
}
