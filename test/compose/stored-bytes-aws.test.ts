import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { DynamoTable } from '../../src/adapters/aws/dynamo.js';
import { DynamoByteCounter } from '../../src/adapters/aws/stored-bytes.js';
import { readConfig } from '../../src/compose/config.js';
import { compose } from '../../src/compose/index.js';
import { newAccessTable } from '../support/access-table.js';
import { newBucket } from '../support/bucket.js';
import { CountingProxy, type Counts } from '../support/counting-proxy.js';
import { FLATS, flats } from '../support/datasets.js';
import { describeAws } from '../support/emulator.js';

/** Keys on a page of a list: with 1,000, as S3 has them, small tests show no growth. */
const PAGE = 10;
const CLIENT = 'acme';

describeAws('the bytes that a client has stored in a bucket', () => {
  let aws: CountingProxy;
  let env: Record<string, string>;

  beforeAll(async () => {
    const bucket = await newBucket();
    aws = await CountingProxy.start(bucket.endpoint, PAGE);
    process.env.AWS_ENDPOINT_URL = aws.url;
    env = {
      ...bucket.env,
      AWS_ENDPOINT_URL: aws.url,
      ACCESS: 'keys',
      ACCESS_TABLE: await newAccessTable(),
    };
    const { keys } = await (await newProcess()).access();
    await keys.createClient({ id: CLIENT, name: CLIENT, plan: 'free' });
  }, 60_000);
  afterAll(() => aws?.stop());

  const newProcess = () => compose(readConfig(env));
  const counterOf = () => new DynamoByteCounter(new DynamoTable(env.ACCESS_TABLE!), CLIENT);
  /** Appends batches to a new dataset. @returns the requests of the new process that did */
  async function append(dataset: string, batches: number): Promise<Counts> {
    const { datasets } = await (await newProcess()).workspaceOf(CLIENT).datasets();
    aws.take();
    await datasets.define(dataset, FLATS);
    for (let i = 0; i < batches; i++)
      await datasets.append(dataset, 'csv', Readable.from([Buffer.from(flats(1, i))]));
    return aws.take();
  }

  it('are known to an append in as many requests with 40 batches as with 1', async () => {
    await append('first', 1);
    const few = await append('second', 1);
    await append('many', 40);
    expect(await append('last', 1)).toEqual(few);
  }, 120_000);

  it('are corrected when they are measured', async () => {
    const [counter, workspace] = [counterOf(), (await newProcess()).workspaceOf(CLIENT)];
    const counted = await counter.read();
    expect(counted).toBeGreaterThan(0);
    const { datasets } = await workspace.datasets();
    await datasets.remove('many');
    expect(await counter.read()).toBe(counted);
    await workspace.measure();
    expect(await counter.read()).toBeLessThan(counted!);
  });
});
