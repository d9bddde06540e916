import { LapidaryError } from '../../core/errors.js';
import { isObject, unexpected } from './events.js';

/** A message of the queue. */
export type QueueMessage =
  /** A job was submitted. */
  | { kind: 'job'; job: string }
  /** Objects were created. */
  | { kind: 'objects'; objects: readonly StoredObject[] }
  /** A test event, which S3 sends when its notifications are configured. */
  | { kind: 'test' };

/** An object of S3. */
export interface StoredObject {
  bucket: string;
  key: string;
}

/** A message of SQS. */
export interface QueueRecord {
  messageId: string;
  body: string;
}

/** An event of the function. */
export type JobsEvent =
  | { kind: 'messages'; records: readonly QueueRecord[] }
  /** A scheduled event: check for jobs, since a notification can be lost. */
  | { kind: 'tick' };

const EXPECTED = 'expected messages of SQS or a scheduled event';

/** Classifies an event by its shape. @throws LapidaryError `unknown_event` */
export function classifyJobsEvent(event: unknown): JobsEvent {
  if (!isObject(event)) throw unexpected(EXPECTED, event);
  const { Records, source, 'detail-type': detailType } = event;
  if (detailType === 'Scheduled Event' && source === 'aws.events') return { kind: 'tick' };
  if (Array.isArray(Records) && Records.length > 0 && Records.every(isQueueRecord))
    return { kind: 'messages', records: Records };
  throw unexpected(EXPECTED, event);
}

/**
 * Parses a message: `{"job": ID}`, or a notification of S3.
 * @throws LapidaryError `unknown_event` for any other message, however often it is delivered
 */
export function parseMessage(body: string): QueueMessage {
  const message = unwrapped(parseJson(body));
  const { job, Event, Records } = message;
  if (typeof job === 'string' && job !== '') return { kind: 'job', job };
  if (Event === 's3:TestEvent') return { kind: 'test' };
  if (message.source === 'aws.s3') return { kind: 'objects', objects: bridgedObjects(message) };
  if (Array.isArray(Records)) return { kind: 'objects', objects: Records.flatMap(createdObjects) };
  const keys = Object.keys(message).slice(0, 8).join(', ') || 'nothing';
  throw new LapidaryError('unknown_event', `unknown kind of message; it has ${keys}`);
}

/** Returns a message that SNS forwarded in an envelope, as it does without raw delivery; any other as it is. */
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

/** S3, and MinIO, which prefixes the names of events with `s3:`. */
const S3_SOURCES = new Set<unknown>(['aws:s3', 'minio:s3']);
const CREATED = /^(s3:)?ObjectCreated:/;

/** Returns the object of a record of S3; none unless it was created. */
function createdObjects(record: unknown): StoredObject[] {
  const { eventSource, eventName, s3 } = (record ?? {}) as Record<string, unknown>;
  const { bucket, object } = (s3 ?? {}) as Record<string, Record<string, unknown>>;
  if (!S3_SOURCES.has(eventSource) || typeof eventName !== 'string')
    throw new LapidaryError('unknown_event', 'a record of the message is not from S3');
  if (!CREATED.test(eventName)) return [];
  if (typeof bucket?.name !== 'string' || typeof object?.key !== 'string')
    throw new LapidaryError('unknown_event', 'a record of S3 lacks the bucket or the key');
  return [{ bucket: bucket.name, key: decodeKey(object.key) }];
}

/** Returns the object of an event of EventBridge, whose key is not encoded. */
function bridgedObjects({ 'detail-type': type, detail }: Record<string, unknown>): StoredObject[] {
  if (type !== 'Object Created') return [];
  const { bucket, object } = (detail ?? {}) as Record<string, Record<string, unknown>>;
  if (typeof bucket?.name === 'string' && typeof object?.key === 'string')
    return [{ bucket: bucket.name, key: object.key }];
  throw new LapidaryError('unknown_event', 'an event of S3 lacks the bucket or the key');
}

/** Decodes a key as S3 encodes it: a space as a plus sign, a plus sign as %2B. */
function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    throw new LapidaryError('unknown_event', `a record of S3 has the malformed key ${key}`);
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
