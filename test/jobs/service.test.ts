import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { JobService } from '../../src/jobs/service.js';
import { newJobs } from '../support/jobs.js';
import { START } from '../support/queued-job.js';

describe('the service of jobs', () => {
  let jobs: Awaited<ReturnType<typeof newJobs>>;
  beforeEach(async () => {
    jobs = await newJobs();
  });
  afterEach(() => jobs.remove());

  it('stores a submitted job, and notifies the workers', async () => {
    const job = await jobs.submit({ order: { epochs: 3 } });
    expect(job).toEqual({
      id: expect.any(String),
      client: '',
      kind: 'training',
      model: 'nuts',
      order: { epochs: 3 },
      lane: job.id,
      state: 'queued',
      attempts: 0,
      submittedAt: new Date(START + 1).toISOString(),
      revision: 0,
    });
    expect(await jobs.service.get(job.id)).toEqual(job);
    expect(await jobs.service.listOpen()).toEqual([job]);
    expect((await jobs.service.list({ model: 'nuts' }, { limit: 2 })).items).toEqual([job]);
    expect(jobs.notified).toEqual([job.id]);
  });

  it('stores a job that is submitted twice once, and notifies while it is open', async () => {
    const first = await jobs.submit();
    expect(await jobs.submit({ id: first.id, order: 'other' })).toEqual(first);
    expect(jobs.notified).toEqual([first.id, first.id]);
    const cancelled = await jobs.service.cancel(first.id);
    expect(await jobs.submit({ id: first.id })).toEqual(cancelled);
    expect(jobs.notified).toHaveLength(2);
  });

  it('keeps so many jobs of a client, of which the oldest that ended make room for others', async () => {
    const acme = new JobService(jobs.store, { async notify() {} }, 'acme', { most: 2 });
    const submit = (id?: string) =>
      acme.submit({ kind: 'training', model: 'nuts', order: {}, ...(id && { id }) });
    const [first, second] = [await submit(), await submit()];
    await expect(submit()).rejects.toMatchObject({ code: 'too_many_jobs' });
    expect(await submit(first.id)).toEqual(first);
    await acme.cancel(second.id);
    const third = await submit();
    const { items } = await acme.list({}, { limit: 10 });
    expect(items.map(({ id }) => id)).toEqual([third.id, first.id]);
  });

  it('knows no job that was not submitted', async () => {
    const refused = { code: 'job_not_found' };
    await expect(jobs.service.get('none')).rejects.toMatchObject(refused);
    await expect(jobs.service.log('none', { limit: 1 })).rejects.toMatchObject(refused);
    await expect(jobs.service.cancel('none')).rejects.toMatchObject(refused);
  });

  it("knows a client's own jobs, and those of no other", async () => {
    const request = { kind: 'training', model: 'nuts', order: {}, lane: 'nuts' } as const;
    const acme = jobs.serviceOf('acme');
    const own = await acme.submit(request);
    const other = await jobs.serviceOf('acme-2').submit(request);
    const operators = await jobs.submit(request);
    expect(new Set([own.lane, other.lane, operators.lane]).size).toBe(3);
    expect((await acme.list({}, { limit: 10 })).items).toEqual([own]);
    expect(await acme.listOpen()).toEqual([own]);
    expect(await acme.get(own.id)).toEqual(own);
    const refused = { code: 'job_not_found' };
    for (const { id } of [other, operators]) {
      await expect(acme.get(id)).rejects.toMatchObject(refused);
      await expect(acme.log(id, { limit: 1 })).rejects.toMatchObject(refused);
      await expect(acme.cancel(id)).rejects.toMatchObject(refused);
    }
    await expect(jobs.service.get(own.id)).rejects.toMatchObject(refused);
    expect(await jobs.service.listOpen()).toEqual([operators]);
  });

  it('cancels a queued job at once, and once', async () => {
    const { id } = await jobs.submit();
    jobs.pass(10);
    const cancelled = await jobs.service.cancel(id);
    expect(cancelled).toMatchObject({
      state: 'cancelled',
      endedAt: new Date(jobs.now()).toISOString(),
    });
    expect(await jobs.service.cancel(id)).toEqual(cancelled);
    const done: string[] = [];
    const worker = jobs.newWorker({ training: async (job) => done.push(job.id) });
    expect(await worker.runNext()).toBeUndefined();
    expect(await worker.run(id)).toBeUndefined();
    expect(done).toEqual([]);
  });

  it('cancels once, however many ask at once', async () => {
    const { id } = await jobs.submit();
    const asked = Array.from({ length: 20 }, () => jobs.service.cancel(id));
    for (const job of await Promise.all(asked)) expect(job.state).toBe('cancelled');
    expect((await jobs.service.get(id)).revision).toBe(1);
  });
});
