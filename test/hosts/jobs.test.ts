import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LmdbJobStore } from '../../src/adapters/local/jobs.js';
import type { Job } from '../../src/jobs/job.js';
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
    expect(JSON.parse(json)).toMatchObject({ jobs: [{ id: older.id, model: 'nuts' }] });
    const { stdout: first } = await run('--limit', '1', '--json');
    expect(JSON.parse(first)).toMatchObject({ jobs: [{ id: newer.id }], next: newer.id });
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
    expect([code, stderr]).toEqual([1, 'job_not_found: there is no job "none"\n']);
  });
});
