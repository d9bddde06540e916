import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import type { Job } from '../../src/jobs/port.js';
import { testApp } from '../support/app.js';
import { heldHandler, newJobs } from '../support/jobs.js';

const jobs = await newJobs();
const { app } = testApp({ jobs: async () => jobs.service });
const api = supertest(app.server);
let ended: Job;
let running: Job;
let queued: Job;
let endRunning = async () => {};

beforeAll(async () => {
  await app.ready();
  ended = await jobs.submit({ order: { epochs: [1, 2] } });
  await jobs
    .newWorker({
      async training(_job, context) {
        context.progress({ phase: 'training', fraction: 0.5 });
        context.metrics({ loss: 0.25 });
        for (let i = 0; i < 5; i++) context.log(`line ${i}`);
        return { version: 'v1', deep: { list: [1, 'two', null] } };
      },
    })
    .runNext();
  running = await jobs.submit({ model: 'gems' });
  const { handler, called } = heldHandler();
  const work = jobs.newWorker({ training: handler }).runNext();
  const { resolve } = await called();
  endRunning = async () => {
    resolve('done');
    await work;
  };
  queued = await jobs.submit({ kind: 'batch-prediction' });
});
afterAll(async () => {
  await endRunning();
  await app.close();
  await jobs.remove();
});

const idsOf = ({ body }: supertest.Response) =>
  (body as { items: Job[] }).items.map(({ id }) => id);
const problem = (status: number, code: string) => ({
  status,
  type: 'application/problem+json',
  body: { status, code },
});

describe('a job', () => {
  it('is shown without what only its workers need', async () => {
    const { body } = await api.get(`/jobs/${ended.id}`).expect(200);
    expect(body).toEqual({
      id: ended.id,
      kind: 'training',
      model: 'nuts',
      order: { epochs: [1, 2] },
      state: 'succeeded',
      attempts: 1,
      progress: { phase: 'training', fraction: 0.5 },
      metrics: { loss: 0.25 },
      result: { version: 'v1', deep: { list: [1, 'two', null] } },
      submittedAt: ended.submittedAt,
      startedAt: expect.any(String),
      endedAt: expect.any(String),
    });
  });

  it('has a log, page by page', async () => {
    const first = await api.get(`/jobs/${ended.id}/log?limit=3`).expect(200);
    const { items, next } = first.body as { items: { message: string }[]; next: string };
    expect(items.map(({ message }) => message)).toEqual(['line 0', 'line 1', 'line 2']);
    const rest = await api.get(`/jobs/${ended.id}/log?cursor=${next}`).expect(200);
    expect(rest.body).toEqual({
      items: [
        { at: expect.any(String), message: 'line 3' },
        { at: expect.any(String), message: 'line 4' },
      ],
    });
  });

  it('that is not there is a problem', async () => {
    const requests = [
      api.get('/jobs/none'),
      api.get('/jobs/none/log'),
      api.post('/jobs/none/cancel'),
    ];
    for (const request of requests)
      expect(await request).toMatchObject(problem(404, 'job_not_found'));
  });
});

describe('the list of jobs', () => {
  it('has the newest first, page by page', async () => {
    const all = [queued.id, running.id, ended.id];
    expect(idsOf(await api.get('/jobs').expect(200))).toEqual(all);
    const first = await api.get('/jobs?limit=2').expect(200);
    expect(idsOf(first)).toEqual(all.slice(0, 2));
    const rest = await api.get(`/jobs?limit=2&cursor=${first.body.next}`).expect(200);
    expect([idsOf(rest), rest.body.next]).toEqual([[ended.id], undefined]);
  });

  it.each([
    ['model=gems', () => [running.id]],
    ['kind=training', () => [running.id, ended.id]],
    ['state=queued', () => [queued.id]],
    ['model=nuts&kind=training&state=succeeded', () => [ended.id]],
    ['model=nuts&state=running', () => []],
  ])('is filtered by %s', async (query, expected) => {
    expect(idsOf(await api.get(`/jobs?${query}`).expect(200))).toEqual(expected());
  });

  it.each(['state=done', 'kind=chess', 'limit=0', 'cursor=nowhere', 'color=red'])(
    'does not take %s',
    async (query) => {
      expect(await api.get(`/jobs?${query}`)).toMatchObject(problem(400, 'invalid_request'));
    },
  );
});

describe('cancelling', () => {
  it('ends a queued job', async () => {
    const { body } = await api.post(`/jobs/${queued.id}/cancel`).expect(200);
    expect(body).toMatchObject({ id: queued.id, state: 'cancelled', endedAt: expect.any(String) });
    expect((await api.post(`/jobs/${queued.id}/cancel`).expect(200)).body).toEqual(body);
  });

  it('asks a running job to stop', async () => {
    const { body } = await api.post(`/jobs/${running.id}/cancel`).expect(202);
    expect(body).toMatchObject({ state: 'running', cancelRequested: true });
    await api.post(`/jobs/${running.id}/cancel`).expect(202);
    await endRunning();
    const after = await api.post(`/jobs/${running.id}/cancel`).expect(200);
    expect(after.body).toMatchObject({ state: 'succeeded', result: 'done' });
    expect(after.body.cancelRequested).toBeUndefined();
  });
});

it('is not there where nothing may be changed', async () => {
  const { app: other } = testApp();
  await other.ready();
  expect(await supertest(other.server).get('/jobs')).toMatchObject(problem(404, 'route_not_found'));
  await other.close();
});
