import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LmdbJobStore } from '../../src/adapters/local/jobs.js';
import type { Job } from '../../src/jobs/port.js';
import { runMain } from '../support/process.js';
import { queuedJob } from '../support/queued-job.js';

describe('lapidary jobs', () => {
  const directory = mkdtempSync(join(tmpdir(), 'lapidary-jobs-'));
  let store: LmdbJobStore;
  let older: Job;
  let newer: Job;
  beforeAll(async () => {
    store = await LmdbJobStore.open(join(directory, 'jobs'));
    older = await store.createOnce(queuedJob(0));
    newer = await store.createOnce(queuedJob(1, { model: 'gems' }));
    const at = older.submittedAt;
    await store.appendLog(older.id, [
      { at, message: 'one' },
      { at, message: 'two' },
    ]);
  });
  afterAll(async () => {
    await store.close();
    rmSync(directory, { recursive: true });
  });
  const run = (...args: string[]) => runMain(['jobs', ...args], { DATA_DIR: directory }).finished;

  it('lists them, the newest first', async () => {
    const { code, stdout } = await run();
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`submitted\n${newer.id}.*gems.*queued.*\n${older.id}.*nuts`));
    const { stdout: json } = await run('--model', 'nuts', '--json');
    expect(JSON.parse(json)).toMatchObject({ items: [{ id: older.id, model: 'nuts' }] });
    const { stdout: first } = await run('--limit', '1', '--json');
    expect(JSON.parse(first)).toMatchObject({ items: [{ id: newer.id }], next: newer.id });
    expect((await run('--limit', 'few')).code).toBe(2);
  });

  it('shows, logs and cancels one', async () => {
    expect((await run('show', older.id)).stdout).toMatch(/^state +queued$/m);
    expect((await run('log', older.id)).stdout).toBe(
      `${older.submittedAt} one\n${older.submittedAt} two\n`,
    );
    const { stdout } = await run('cancel', older.id, '--json');
    expect(JSON.parse(stdout)).toMatchObject({ id: older.id, state: 'cancelled' });
    expect((await store.read(older.id))!.state).toBe('cancelled');
    const { stdout: again } = await run('show', older.id, '--json');
    expect(again).toBe(stdout);
  });

  it('tells when there is none of that id', async () => {
    const { code, stderr } = await run('show', 'none');
    expect([code, stderr]).toEqual([
      1,
      `job_not_found: unknown job "none" in ${join(directory, 'jobs')}\n`,
    ]);
  });

  it.each([
    [10, ['succeeded', 'succeeded'], 0],
    [20, ['succeeded', 'failed'], 1],
    [30, ['cancelled', 'succeeded'], 3],
  ] as const)(
    'waits until jobs have ended: those from %i on, %j, make %i',
    async (at, states, code) => {
      const waiting: Job[] = [];
      for (const [i] of states.entries()) waiting.push(await store.createOnce(queuedJob(at + i)));
      const waited = runMain(['jobs', 'wait', ...waiting.map(({ id }) => id)], {
        DATA_DIR: directory,
      });
      await once(waited.child.stderr, 'data');
      for (const [i, job] of waiting.entries())
        await store.replace({ ...job, state: states[i]!, revision: job.revision + 1 });
      const finished = await waited.finished;
      expect(finished).toMatchObject({ code, stderr: expect.stringContaining('queued') });
      for (const state of states)
        expect(finished.stdout).toMatch(new RegExp(`^state +${state}$`, 'm'));
    },
  );

  it('waits for all that are open, and no longer than it may', async () => {
    const open = await store.createOnce(queuedJob(40));
    const { code, stdout } = await run('wait', '--timeout', '1');
    expect([code, stdout]).toEqual([
      3,
      expect.stringMatching(new RegExp(`^job +${open.id}$[^]*^state +queued$`, 'm')),
    ]);
    await store.replace({ ...open, state: 'succeeded', revision: 1 });
    await store.replace({ ...newer, state: 'succeeded', revision: 1 });
    expect(await run('wait')).toMatchObject({ code: 0, stdout: '' });
  });
});
