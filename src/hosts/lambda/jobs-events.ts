import { LapidaryError } from '../../core/errors.js';

/** A message of the queue. */
export type QueueMessage =
  /** There is a job to do. */
  | { kind: 'job'; job: string }
  /** Objects were created. */
  | { kind: 'objects'; objects: readonly StoredObject[] }
  /** S3 sends it once, when it begins to notify the queue. */
  | { kind: 'test' };

/** An object of S3. */
export interface StoredObject {
  bucket: string;
  key: string;
}

/** A message of SQS, as far as it matters. */
export interface QueueRecord {
  messageId: string;
  body: string;
}

/** An event of the function. */
export type JobsEvent =
  | { kind: 'messages'; records: readonly QueueRecord[] }
  /** The schedule: look for jobs, as a notice can be lost. */
  | { kind: 'tick' };

const EXPECTED = 'expected messages of SQS or a scheduled event';

/** @throws LapidaryError `unknown_event` */
export function classifyJobsEvent(event: unknown): JobsEvent {
  if (!isObject(event))
    throw new LapidaryError('unknown_event', `${EXPECTED}; the event is ${JSON.stringify(event)}`);
  const { Records, source, 'detail-type': detailType } = event;
  if (detailType === 'Scheduled Event' && source === 'aws.events') return { kind: 'tick' };
  if (Array.isArray(Records) && Records.length > 0 && Records.every(isQueueRecord))
    return { kind: 'messages', records: Records };
  const keys = Object.keys(event).slice(0, 8).join(', ') || 'nothing';
  throw new LapidaryError('unknown_event', `${EXPECTED}; the event has ${keys}`);
}

/**
 * Reads a message: our own `{"job": ID}`, or what S3 tells of its objects.
 * @throws LapidaryError `unknown_event` when it is none of these: it never will be, however often it comes
 */
export function parseMessage(body: string): QueueMessage {
  const message = unwrapped(parseJson(body));
  const { job, Event, Records } = message;
  if (typeof job === 'string' && job !== '') return { kind: 'job', job };
  if (Event === 's3:TestEvent') return { kind: 'test' };
  if (message.source === 'aws.s3') return { kind: 'objects', objects: bridgedObjects(message) };
  if (Array.isArray(Records)) return { kind: 'objects', objects: Records.flatMap(createdObjects) };
  const keys = Object.keys(message).slice(0, 8).join(', ') || 'nothing';
  throw new LapidaryError('unknown_event', `the message is of no known kind; it has ${keys}`);
}

/** The message that SNS forwards to the queue; a queue without raw delivery gets it in an envelope. */
function unwrapped(message: Record<string, unknown>): Record<string, unknown> {
  const { Type, TopicArn, Message } = message;
  const isEnvelope = Type === 'Notification' && typeof TopicArn === 'string';
  return isEnvelope && typeof Message === 'string' ? parseJson(Message) : message;
}

function parseJson(body: string): Record<string, unknown> {
  let message: unknown;
  try {
    message = JSON.parse(body);
  } catch {
    throw new LapidaryError('unknown_event', 'the message is not JSON');
  }
  if (isObject(message)) return message;
  throw new LapidaryError('unknown_event', `the message is ${body.slice(0, 100)}`);
}

/** S3, and MinIO, which also writes `s3:` before the names of its events. */
const S3_SOURCES = new Set<unknown>(['aws:s3', 'minio:s3']);
const CREATED = /^(s3:)?ObjectCreated:/;

/** The object that a record of S3 tells of; none where it tells of anything but a creation. */
function createdObjects(record: unknown): StoredObject[] {
  const { eventSource, eventName, s3 } = (record ?? {}) as Record<string, unknown>;
  const { bucket, object } = (s3 ?? {}) as Record<string, Record<string, unknown>>;
  if (!S3_SOURCES.has(eventSource) || typeof eventName !== 'string')
    throw new LapidaryError('unknown_event', 'a record of the message is not of S3');
  if (!CREATED.test(eventName)) return [];
  if (typeof bucket?.name !== 'string' || typeof object?.key !== 'string')
    throw new LapidaryError('unknown_event', 'a record of S3 names no bucket or no key');
  return [{ bucket: bucket.name, key: decodeKey(object.key) }];
}

/** The object of an event of EventBridge, whose key is as it is. */
function bridgedObjects({ 'detail-type': type, detail }: Record<string, unknown>): StoredObject[] {
  if (type !== 'Object Created') return [];
  const { bucket, object } = (detail ?? {}) as Record<string, Record<string, unknown>>;
  if (typeof bucket?.name === 'string' && typeof object?.key === 'string')
    return [{ bucket: bucket.name, key: object.key }];
  throw new LapidaryError('unknown_event', 'an event of S3 names no bucket or no key');
}

/** S3 writes keys as in a form: a space is a plus sign, and a plus sign %2B. */
function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    throw new LapidaryError('unknown_event', `a record of S3 has the key ${key}`);
  }
}

function isQueueRecord(record: unknown): record is QueueRecord {
  return (
    isObject(record) &&
    record.eventSource === 'aws:sqs' &&
    typeof record.messageId === 'string' &&
    typeof record.body === 'string'
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
