import { describe, expect, it } from '@jest/globals';
import { classifyJobsEvent, parseMessage } from '../../../src/hosts/lambda/jobs-events.js';
import { apiGatewayV2, s3Event, scheduledEvent, sqsEvent } from './events.js';

const parse = (message: unknown) => parseMessage(JSON.stringify(message));

describe('an event of the trainer', () => {
  it('has messages of SQS', () => {
    const body = '{"job":"a"}';
    expect(classifyJobsEvent(sqsEvent(body))).toMatchObject({
      kind: 'messages',
      records: [{ messageId: expect.any(String), body }],
    });
  });

  it('may be that of a schedule', () => {
    expect(classifyJobsEvent(scheduledEvent())).toEqual({ kind: 'tick' });
  });

  it.each([
    ['of S3 itself', s3Event()],
    ['of a gateway', apiGatewayV2({ method: 'GET', path: '/' })],
    ['for the API', { model: 'diamonds', instances: [] }],
    ['with no records', { Records: [] }],
    ['that is empty', {}],
    ['that is nothing', null],
    ['that is text', 'train'],
  ])('%s is refused', (_what, event) => {
    expect(() => classifyJobsEvent(event)).toThrow(/expected messages of SQS/);
  });
});

describe('a message', () => {
  it('may name a job', () => {
    expect(parse({ job: 'a' })).toEqual({ kind: 'job', job: 'a' });
  });

  it.each(['datasets/gems/log/1', 'with space/and+plus/50%/ü', 'a&b=c/%2B/ +'])(
    'may tell of the object %s',
    (key) => {
      expect(parse(s3Event('lapidary', key))).toEqual({
        kind: 'objects',
        objects: [{ bucket: 'lapidary', key }],
      });
    },
  );

  it('may tell of several objects', () => {
    const Records = ['a', 'b', 'c'].flatMap((key) => s3Event('lapidary', key).Records);
    expect(parse({ Records })).toEqual({
      kind: 'objects',
      objects: ['a', 'b', 'c'].map((key) => ({ bucket: 'lapidary', key })),
    });
  });

  it('tells of no object that was removed', () => {
    const [record] = s3Event().Records;
    const Records = [{ ...record, eventName: 'ObjectRemoved:Delete' }];
    expect(parse({ Records })).toEqual({ kind: 'objects', objects: [] });
  });

  it('may come through SNS, whole or in its envelope', () => {
    const notice = JSON.stringify(s3Event('lapidary', 'a b'));
    const envelope = {
      Type: 'Notification',
      MessageId: '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
      TopicArn: 'arn:aws:sns:eu-central-1:123456789012:datasets',
      Subject: 'Amazon S3 Notification',
      Message: notice,
      Timestamp: '2026-03-14T09:26:53.589Z',
      SignatureVersion: '1',
      Signature: 'EXAMPLE',
    };
    expect(parse(envelope)).toEqual({
      kind: 'objects',
      objects: [{ bucket: 'lapidary', key: 'a b' }],
    });
    expect(parse({ ...envelope, Message: '{"Event":"s3:TestEvent"}' })).toEqual({ kind: 'test' });
    expect(() => parse({ ...envelope, Message: 'hello' })).toThrow(/not JSON/);
    expect(() => parse({ ...envelope, Message: JSON.stringify(envelope) })).toThrow(/unknown kind/);
  });

  it('may come from MinIO', () => {
    const [record] = s3Event('lapidary', 'datasets/gems/log/1').Records;
    const created = {
      ...record,
      eventSource: 'minio:s3',
      eventName: 's3:ObjectCreated:Put',
      s3: { ...record!.s3, object: { key: 'datasets%2Fgems%2Flog%2F1' } },
    };
    const minio = { EventName: created.eventName, Key: 'lapidary/1', Records: [created] };
    expect(parse(minio)).toEqual({
      kind: 'objects',
      objects: [{ bucket: 'lapidary', key: 'datasets/gems/log/1' }],
    });
    const Records = [{ ...created, eventName: 's3:ObjectRemoved:Delete' }];
    expect(parse({ Records })).toEqual({ kind: 'objects', objects: [] });
  });

  it('may come from EventBridge, which does not encode keys', () => {
    const notice = {
      version: '0',
      id: '17793124-05d4-b198-2fde-7ededc63b103',
      'detail-type': 'Object Created',
      source: 'aws.s3',
      detail: { bucket: { name: 'lapidary' }, object: { key: 'a+b%20c' }, reason: 'PutObject' },
    };
    expect(parse(notice)).toEqual({
      kind: 'objects',
      objects: [{ bucket: 'lapidary', key: 'a+b%20c' }],
    });
    expect(parse({ ...notice, 'detail-type': 'Object Deleted' })).toEqual({
      kind: 'objects',
      objects: [],
    });
  });

  it('may be the one that S3 sends to see whether it can', () => {
    const test = {
      Service: 'Amazon S3',
      Event: 's3:TestEvent',
      Time: '2026-03-14T09:26:53.589Z',
      Bucket: 'lapidary',
      RequestId: '5582815E1AEA5ADF',
      HostId: '8cLeGAmw098X5cv4Zkwcmo8vvZa3eH3eKxsPzbB9wrR+YstdA6Knx4Ip8EXAMPLE',
    };
    expect(parse(test)).toEqual({ kind: 'test' });
  });

  const [record] = s3Event().Records;
  it.each([
    ['nothing', ''],
    ['half of JSON', '{"job":'],
    ['text', '"a"'],
    ['null', 'null'],
    ['a list', '[]'],
    ['an empty object', '{}'],
    ['a job that is no id', '{"job":7}'],
    ['a job without a name', '{"job":""}'],
    ['a record of another service', JSON.stringify({ Records: [{ eventSource: 'aws:sns' }] })],
    ['a record that is null', '{"Records":[null]}'],
    ['a record without an object', JSON.stringify({ Records: [{ ...record, s3: {} }] })],
    [
      'a key that cannot be decoded',
      JSON.stringify({
        Records: [{ ...record, s3: { ...record!.s3, object: { key: '%E0%A4%A' } } }],
      }),
    ],
  ])('that is %s is refused', (_what, body) => {
    expect(() => parseMessage(body)).toThrow(expect.objectContaining({ code: 'unknown_event' }));
  });
});
