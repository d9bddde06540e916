import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Page, PageRequest } from '../../src/api/page.js';
import { OPERATOR } from '../../src/core/operator.js';
import type { Job, JobFilter, JobStore, LogLine } from '../../src/jobs/port.js';
import { queuedJob, START } from '../support/queued-job.js';
import { sized } from '../support/size.js';

/** Empty storage. */
export interface Place {
  store: JobStore;
  /** Opens the same storage, like a process that starts now. */
  reopen(): Promise<JobStore>;
  remove(): Promise<void>;
}

const MANY = sized(20, 50);
const ROUNDS = sized(2, 5);
const LEASE_MS = 1000;
const START_AT = new Date(START).toISOString();

/** The contract of stores of jobs. */
export function jobStoreContract(open: () => Promise<Place>): void {
  let place: Place;
  let store: JobStore;
  beforeEach(async () => {
    place = await open();
    store = place.store;
  });
  afterEach(() => place.remove());

  const create = async (at = 0, change: Partial<Job> = {}) =>
    store.createOnce(queuedJob(at, change));
  const next = (job: Job, change: Partial<Job> = {}): Job => ({
    ...job,
    ...change,
    revision: job.revision + 1,
  });
  const changed = async (job: Job, change: Partial<Job>) => {
    expect(await store.replace(next(job, change))).toBe(true);
    return next(job, change);
  };
  const idsOf = (jobs: readonly Job[]) => jobs.map(({ id }) => id);
  /** Jobs, the oldest first, some of which were submitted in one millisecond; most ids are out of order. */
  const createUnsorted = async () => {
    const created: Job[] = [];
    for (const [at, first] of UNSORTED) {
      const { id } = queuedJob(at);
      created.push(await create(at, { id: first + id.slice(1) }));
    }
    return created;
  };

  describe('a job', () => {
    it('is read as it was created, and as it was replaced', async () => {
      const job = queuedJob(0, { order: { deep: [1, { text: 'Zürich "\n', none: null }] } });
      expect(await store.createOnce(job)).toEqual(job);
      expect(await store.read(job.id)).toEqual(job);
      const later = await changed(job, {
        state: 'failed',
        attempts: 2,
        progress: { phase: 'training', fraction: 0.25 },
        metrics: { loss: 0.125 },
        error: { code: 'invalid_dataset', detail: 'there is no file nuts.csv' },
        startedAt: job.submittedAt,
        endedAt: job.submittedAt,
      });
      expect(await store.read(job.id)).toEqual(later);
    });

    it('that was never created is not found', async () => {
      const { id } = queuedJob();
      expect(await store.read(id)).toBeUndefined();
      for (const none of ['no id at all', '', 'x'.repeat(5000)])
        expect(await store.read(none)).toBeUndefined();
      expect(await store.replace(queuedJob(0, { revision: 1 }))).toBe(false);
      expect(await store.listOpen()).toEqual([]);
    });

    it('is created once, and stays the first', async () => {
      const job = await create();
      const running = await changed(job, { state: 'running', attempts: 1 });
      expect(await store.createOnce({ ...job, model: 'other' })).toEqual(running);
      expect(await store.read(job.id)).toEqual(running);
    });

    it('is created by one of many concurrent calls, and all get that one', async () => {
      const job = queuedJob();
      const got = await Promise.all(
        Array.from({ length: MANY }, (_, i) => store.createOnce({ ...job, order: i })),
      );
      const [first] = got;
      for (const each of got) expect(each).toEqual(first);
      expect(await store.read(job.id)).toEqual(first);
      expect(await store.listOpen()).toEqual([first]);
    });

    it('is replaced by exactly one of many concurrent calls, at each revision', async () => {
      let job = await create();
      for (let round = 1; round <= ROUNDS; round++) {
        const nexts = Array.from({ length: MANY }, (_, i) => next(job, { order: i }));
        const done = await Promise.all(nexts.map((each) => store.replace(each)));
        expect(done.filter(Boolean)).toHaveLength(1);
        job = nexts[done.indexOf(true)]!;
        expect(await store.read(job.id)).toEqual(job);
        expect(job.revision).toBe(round);
      }
    });

    it('is not replaced from an unknown revision', async () => {
      const job = await create();
      expect(await store.replace({ ...job, revision: 2 })).toBe(false);
      expect(await store.replace({ ...job, revision: 0 })).toBe(false);
      expect(await store.read(job.id)).toEqual(job);
    });

    it('loses removed fields', async () => {
      const job = await changed(await create(), { state: 'running', progress: PROGRESS });
      const { progress: _, ...without } = next(job);
      expect(await store.replace(without)).toBe(true);
      expect(await store.read(job.id)).toEqual(without);
    });
  });

  describe('open jobs', () => {
    it('are those that are queued or running, the oldest first', async () => {
      const jobs = [];
      for (const at of [30, 10, 50, 20, 40]) jobs.push(await create(at));
      const [third, first, fifth, second, fourth] = jobs as [Job, Job, Job, Job, Job];
      await changed(second, { state: 'succeeded' });
      const running = await changed(fourth, { state: 'running' });
      expect(await store.listOpen()).toEqual([first, third, running, fifth]);
      await changed(running, { state: 'queued' });
      await changed(first, { state: 'cancelled' });
      await changed(fifth, { state: 'failed' });
      expect(idsOf(await store.listOpen())).toEqual([third.id, fourth.id]);
    });

    it('are in the order of submission, whatever their ids', async () => {
      expect(idsOf(await store.listOpen())).toEqual([]);
      const created = await createUnsorted();
      expect(await store.listOpen()).toEqual(created);
      const [first, second, ...others] = created;
      const running = await changed(second!, { state: 'running' });
      expect(await store.listOpen()).toEqual([first, running, ...others]);
      await changed(first!, { state: 'succeeded' });
      expect(await store.listOpen()).toEqual([running, ...others]);
    });

    it('that ended are removed, the oldest first, down to the limit of a client', async () => {
      const client = 'acme';
      const jobs: Job[] = [];
      for (let at = 0; at < 5; at++) jobs.push(await create(at, { client }));
      const other = await create(0, { client: 'nuts' });
      await changed(other, { state: 'succeeded' });
      for (const i of [0, 2, 3]) jobs[i] = await changed(jobs[i]!, { state: 'failed' });
      await store.appendLog(jobs[0]!.id, [{ at: START_AT, message: 'failed' }]);
      expect(await store.forgetEnded(client, 5)).toEqual({ forgotten: [], left: 5 });
      expect(await store.forgetEnded(client, 3)).toEqual({
        forgotten: [jobs[0], jobs[2]],
        left: 3,
      });
      expect(await store.read(jobs[0]!.id)).toBeUndefined();
      expect((await store.readLog(jobs[0]!.id, { limit: 10 })).items).toEqual([]);
      const listed = await store.list(client, {}, { limit: 10 });
      expect(idsOf(listed.items)).toEqual(idsOf([jobs[4]!, jobs[3]!, jobs[1]!]));
      const ofModel = await store.list(client, { model: jobs[0]!.model }, { limit: 10 });
      expect(ofModel.items).toHaveLength(3);
      expect(await store.forgetEnded(client, 1)).toEqual({ forgotten: [jobs[3]], left: 2 });
      expect(idsOf(await store.listOpen())).toEqual(idsOf([jobs[1]!, jobs[4]!]));
      expect(await store.read(other.id)).toBeDefined();
    });

    it('are all listed, any number', async () => {
      const created = await Promise.all(
        Array.from({ length: 120 }, (_, i) => create(i, { order: 'x'.repeat(1000) })),
      );
      expect(idsOf(await store.listOpen())).toEqual(idsOf(created));
    });
  });

  describe('a list', () => {
    /** Follows the cursors to the end; a page may have fewer items than its limit. */
    const all = async <Item>(read: (page: PageRequest) => Promise<Page<Item>>, limit: number) => {
      const items: Item[] = [];
      for (let cursor: string | undefined; ; ) {
        const page = await read({ limit, ...(cursor !== undefined && { cursor }) });
        expect(page.items.length).toBeLessThanOrEqual(limit);
        items.push(...page.items);
        if (page.next === undefined) return items;
        cursor = page.next;
      }
    };
    const list = (filter: JobFilter = {}, limit = 3) =>
      all((page) => store.list(OPERATOR, filter, page), limit);

    it('is empty at first', async () => {
      expect(await store.list(OPERATOR, {}, { limit: 10 })).toEqual({ items: [] });
    });

    it('has the newest first, page by page', async () => {
      const created = [];
      for (const at of [3, 1, 4, 2, 5, 7, 6]) created.push(await create(at));
      const newestFirst = idsOf(created).sort().reverse();
      for (const limit of [1, 3, 7, 100]) expect(idsOf(await list({}, limit))).toEqual(newestFirst);
      const first = await store.list(OPERATOR, {}, { limit: 3 });
      expect(idsOf(first.items)).toEqual(newestFirst.slice(0, 3));
    });

    it('has the parts of a job, by their parent', async () => {
      const parent = await create(0);
      const parts = [
        await create(1, { parent: parent.id }),
        await create(2, { parent: parent.id }),
      ];
      await create(3, { parent: queuedJob(4).id });
      expect(idsOf(await list({ parent: parent.id }))).toEqual(idsOf(parts.reverse()));
      expect(await store.read(parts[0]!.id)).toEqual(parts[0]);
    });

    it('has the last submitted job first, whatever its id, with and without a filter', async () => {
      const created = (await createUnsorted()).reverse();
      for (const filter of [
        {},
        { model: 'nuts' },
        { state: 'queued' },
        { kind: 'training' },
      ] as const)
        for (const limit of [1, 2, 3, 100]) expect(await list(filter, limit)).toEqual(created);
      const ended = await changed(created[2]!, { state: 'succeeded' });
      expect(await list()).toEqual(created.with(2, ended));
      expect(await list({ state: 'succeeded' })).toEqual([ended]);
      // A page may end with a job that is among the open ones no longer when the next page is asked for.
      const { next: cursor } = await store.list(OPERATOR, { state: 'queued' }, { limit: 2 });
      await changed(created[1]!, { state: 'failed' });
      const rest = await store.list(OPERATOR, { state: 'queued' }, { limit: 10, cursor: cursor! });
      expect(rest.items).toEqual(created.slice(3));
    });

    it("has a client's own jobs, and those of no other", async () => {
      const own = await create(1, { client: 'acme' });
      const others = [await create(2, { client: 'acme-2' }), await create(3)];
      for (const filter of [{}, { model: 'nuts' }, { state: 'queued' }] as const) {
        expect(await store.list('acme', filter, { limit: 10 })).toEqual({ items: [own] });
        expect(await list(filter)).toEqual([others[1]]);
        expect(await store.list('nobody', filter, { limit: 10 })).toEqual({ items: [] });
      }
      expect(idsOf(await store.listOpen())).toEqual(idsOf([own, ...others]));
      const cursor = others[0]!.id;
      await expect(store.list('acme', {}, { limit: 1, cursor })).rejects.toMatchObject({
        code: 'job_not_found',
      });
    });

    it('continues from a cursor when newer jobs are added', async () => {
      for (const at of [1, 2, 3]) await create(at);
      const before = await list();
      const { items, next: cursor } = await store.list(OPERATOR, {}, { limit: 2 });
      await create(4);
      const rest = await store.list(OPERATOR, {}, { limit: 10, cursor: cursor! });
      expect([...items, ...rest.items]).toEqual(before);
    });

    it('refuses an invalid cursor', async () => {
      const { id } = await create();
      const refused = { code: 'job_not_found' };
      const none = { limit: 1, cursor: queuedJob().id };
      await expect(store.list(OPERATOR, {}, none)).rejects.toMatchObject(refused);
      for (const cursor of ['no cursor', '', 'x'.repeat(5000)]) {
        await expect(store.list(OPERATOR, {}, { limit: 1, cursor })).rejects.toMatchObject(refused);
        await expect(store.readLog(id, { limit: 1, cursor })).rejects.toMatchObject({
          code: 'invalid_request',
        });
      }
    });

    it('has those of a model, a kind, a state, and of all three', async () => {
      const created: Job[] = [];
      for (let i = 0; i < 24; i++) {
        const job = await create(i, {
          model: i % 2 ? 'nuts' : 'gems',
          kind: i % 3 ? 'training' : 'batch-prediction',
        });
        created.unshift(i % 4 < 2 ? job : await changed(job, { state: 'succeeded' }));
      }
      const filters: JobFilter[] = [
        {},
        { model: 'nuts' },
        { kind: 'batch-prediction' },
        { state: 'succeeded' },
        { state: 'queued' },
        { state: 'running' },
        { model: 'gems', state: 'queued' },
        { model: 'nuts', kind: 'training' },
        { model: 'gems', kind: 'batch-prediction', state: 'succeeded' },
        { model: 'none' },
      ];
      for (const filter of filters) {
        const expected = created.filter((job) =>
          Object.entries(filter).every(([key, value]) => job[key as keyof JobFilter] === value),
        );
        expect([filter, await list(filter)]).toEqual([filter, expected]);
      }
    });
  });

  describe('a lane', () => {
    const take = (holder: string, now = START, lane = 'training/nuts') =>
      store.takeLane(lane, { holder, expiresAt: now + LEASE_MS }, now);

    it('is taken when it is free, by one', async () => {
      expect(await take('a')).toBe(true);
      expect(await take('b')).toBe(false);
      expect(await take('b', START, 'training/gems')).toBe(true);
    });

    it('is taken by one of many concurrent calls', async () => {
      const done = await Promise.all(Array.from({ length: MANY }, (_, i) => take(`worker ${i}`)));
      expect(done.filter(Boolean)).toHaveLength(1);
    });

    it('is extended by its holder', async () => {
      await take('a');
      expect(await take('a', START + LEASE_MS - 1)).toBe(true);
      expect(await take('b', START + LEASE_MS + 1)).toBe(false);
    });

    it('is taken by another holder after its lease has expired, and lost to the first', async () => {
      await take('a');
      expect(await take('b', START + LEASE_MS - 1)).toBe(false);
      expect(await take('b', START + LEASE_MS + 1)).toBe(true);
      expect(await take('a', START + LEASE_MS + 2)).toBe(false);
    });

    it('with an expired lease is taken by one of many concurrent calls', async () => {
      await take('a');
      const late = START + LEASE_MS + 1;
      const done = await Promise.all(Array.from({ length: MANY }, (_, i) => take(`${i}`, late)));
      expect(done.filter(Boolean)).toHaveLength(1);
    });

    it('is free when its holder leaves it', async () => {
      await take('a');
      await store.leaveLane('training/nuts', 'a');
      await store.leaveLane('training/nuts', 'a');
      expect(await take('b')).toBe(true);
    });

    it('is not released by another holder', async () => {
      await take('a');
      await store.leaveLane('training/nuts', 'b');
      expect(await take('b')).toBe(false);
    });
  });

  describe('a log', () => {
    const lines = (from: number, to: number): LogLine[] =>
      Array.from({ length: to - from }, (_, i) => ({
        at: new Date(START).toISOString(),
        message: `line ${from + i}`,
      }));

    it('is empty at first', async () => {
      const { id } = await create();
      expect(await store.readLog(id, { limit: 10 })).toEqual({ items: [] });
    });

    it('has its lines in order, page by page', async () => {
      const { id } = await create();
      const { id: other } = await create(1);
      for (const [from, to] of [
        [0, 1],
        [1, 100],
        [100, 100],
        [100, 250],
      ] as const)
        await store.appendLog(id, lines(from, to));
      await store.appendLog(other, lines(7, 9));
      const read: LogLine[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.readLog(id, { limit: 40, ...(cursor && { cursor }) });
        expect(page.items.length).toBeLessThanOrEqual(40);
        read.push(...page.items);
        cursor = page.next;
      } while (cursor !== undefined);
      expect(read).toEqual(lines(0, 250));
      expect((await store.readLog(other, { limit: 40 })).items).toEqual(lines(7, 9));
    });

    it('has all lines of concurrent calls, those of one call together', async () => {
      const { id } = await create();
      const calls = Array.from({ length: 10 }, (_, i) => lines(10 * i, 10 * i + 3));
      await Promise.all(calls.map((call) => store.appendLog(id, call)));
      const { items } = await store.readLog(id, { limit: 100 });
      expect(items).toHaveLength(30);
      for (const call of calls) {
        const at = items.findIndex(({ message }) => message === call[0]!.message);
        expect(items.slice(at, at + 3)).toEqual(call);
      }
    });
  });

  it('has all data when it is opened again', async () => {
    const job = await create();
    const ended = await changed(await create(1), { state: 'succeeded', result: { version: 'v' } });
    const line = { at: job.submittedAt, message: 'begun' };
    await store.appendLog(job.id, [line]);
    await store.takeLane('lane', { holder: 'a', expiresAt: START + LEASE_MS }, START);
    const later = await place.reopen();
    expect((await later.list(OPERATOR, {}, { limit: 10 })).items).toEqual([ended, job]);
    expect(await later.listOpen()).toEqual([job]);
    expect((await later.readLog(job.id, { limit: 10 })).items).toEqual([line]);
    const lease = { holder: 'b', expiresAt: START + LEASE_MS };
    expect(await later.takeLane('lane', lease, START)).toBe(false);
    expect(await later.replace(next(job, { state: 'running' }))).toBe(true);
  });
}

/** Times of submission, and prefixes of ids. */
const UNSORTED = [
  [0, 'f'],
  [1, '0'],
  [2, 'a'],
  [2, 'b'],
  [3, '9'],
  [400, '1'],
] as const;
const PROGRESS = { phase: 'training', fraction: 0.5 };
