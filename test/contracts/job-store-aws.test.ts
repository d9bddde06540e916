import { expect, it } from '@jest/globals';
import { DynamoTable } from '../../src/adapters/aws/dynamo.js';
import { DynamoJobStore } from '../../src/adapters/aws/jobs.js';
import { describeAws, emulator } from '../support/emulator.js';
import { JOBS_TABLE } from '../support/jobs-table.js';
import { queuedJob } from '../support/queued-job.js';
import { jobStoreContract } from './job-store.js';

async function newStore() {
  const aws = await emulator();
  const name = await aws.newTable(JOBS_TABLE);
  const open = () => new DynamoJobStore(new DynamoTable(name, aws));
  return { store: open(), open };
}

describeAws('the store in DynamoDB', () => {
  jobStoreContract(async () => {
    const { store, open } = await newStore();
    return { store, reopen: async () => open(), remove: async () => undefined };
  });

  it('refuses a job that is too large for an item', async () => {
    const { store } = await newStore();
    const order = 'ü'.repeat(200 * 1024);
    await expect(store.createOnce(queuedJob(0, { order }))).rejects.toMatchObject({
      code: 'payload_too_large',
    });
    const job = await store.createOnce(queuedJob());
    const large = { ...job, result: order, revision: 1 };
    await expect(store.replace(large)).rejects.toMatchObject({ code: 'payload_too_large' });
    expect(await store.listOpen()).toEqual([job]);
  });

  it('takes a job that is nearly too large, and lists many of them', async () => {
    const { store } = await newStore();
    const jobs = [];
    for (let i = 0; i < 50; i++)
      jobs.push(await store.createOnce(queuedJob(i, { order: 'ü'.repeat(190 * 1024) })));
    expect(await store.listOpen()).toEqual(jobs);
  }, 30_000);

  it('cuts a line that is too long for an item', async () => {
    const { store } = await newStore();
    const { id, submittedAt: at } = await store.createOnce(queuedJob());
    await store.appendLog(id, [{ at, message: '€'.repeat(1_000_000) }]);
    const { items } = await store.readLog(id, { limit: 1 });
    expect(items).toEqual([{ at, message: '€'.repeat(100_000) }]);
  });
});
