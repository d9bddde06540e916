import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LmdbJobStore } from '../../src/adapters/local/jobs.js';
import { JobService } from '../../src/jobs/service.js';
import { MAIN, runMain, startServer } from '../support/process.js';

const LOOKS = /"pid":(\d+),"host":"worker","msg":"the worker waits for jobs"/;

const ORDER = { reason: 'manual' };

let directory: string;
let env: Record<string, string>;
let store: LmdbJobStore | undefined;
let jobs: JobService;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lapidary-worker-'));
  env = {
    MODEL_DIR: join(directory, 'models'),
    DATA_DIR: join(directory, 'data'),
    JOB_POLL_S: '1',
  };
});
afterEach(async () => {
  await store?.close();
  store = undefined;
  rmSync(directory, { recursive: true });
});

/** A job that fails at once: there is no such model. */
async function submit(): Promise<string> {
  store ??= await LmdbJobStore.open(join(env.DATA_DIR!, 'jobs'));
  jobs = new JobService(store, { async notify() {} });
  return (await jobs.submit({ kind: 'training', model: 'none', order: ORDER })).id;
}

async function ended(id: string) {
  for (;;) {
    const job = await jobs.get(id);
    if (job.endedAt) return job;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('the worker', () => {
  it('does jobs at the lowest priority until it is told to stop', async () => {
    const id = await submit();
    const worker = runMain(['worker'], env);
    await worker.wrote(LOOKS);
    expect(getPriority(worker.child.pid)).toBe(19);
    expect(await ended(id)).toMatchObject({ state: 'failed', error: { code: 'model_not_found' } });
    // One that comes later is found without anybody telling.
    const { id: later } = await jobs.submit({ kind: 'training', model: 'none', order: ORDER });
    expect(await ended(later)).toMatchObject({ state: 'failed' });
    worker.child.kill('SIGTERM');
    expect(await worker.finished).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('the worker beside a server', () => {
  it('ends when the server has ended while it started', async () => {
    const worker = fork(MAIN, ['worker'], {
      env: { ...process.env, ...env },
      stdio: 'ignore',
      execArgv: [],
    });
    worker.disconnect();
    expect(await once(worker, 'exit')).toEqual([0, null]);
  });
});

describe('the worker for one job', () => {
  it('does that one, and tells by its exit code how it ended', async () => {
    const [before, id] = [await submit(), await submit()];
    const worker = runMain(['worker', '--job', id], env);
    expect((await worker.finished).code).toBe(1);
    expect(await jobs.get(id)).toMatchObject({ state: 'failed', attempts: 1 });
    expect(await jobs.get(before)).toMatchObject({ state: 'queued', attempts: 0 });
    await jobs.cancel(before);
    expect((await runMain(['worker', '--job', before], env).finished).code).toBe(0);
  });

  it('does not begin to work when it is not understood', async () => {
    const { code, stderr } = await runMain(['worker', '--jobs', 'all'], env).finished;
    expect([code, stderr]).toEqual([2, expect.stringContaining("unknown option '--jobs'")]);
  });
});

describe('the server', () => {
  it('starts no worker, and opens no jobs, where there are none', async () => {
    const server = await startServer(env);
    expect((await fetch(`${server.url}/health/live`)).status).toBe(200);
    server.child.kill('SIGTERM');
    const { code, stdout } = await server.finished;
    expect(code).toBe(0);
    expect(stdout).not.toContain('"host":"worker"');
    expect(existsSync(join(env.DATA_DIR!, 'jobs'))).toBe(false);
  });

  it('has a worker do what was left from before, and another when that one dies', async () => {
    const id = await submit();
    const server = await startServer(env);
    const [, pid] = await server.wrote(LOOKS);
    expect(await ended(id)).toMatchObject({ state: 'failed', attempts: 1 });
    const shown = await fetch(`${server.url}/jobs/${id}`);
    expect(await shown.json()).toMatchObject({ id, state: 'failed' });
    process.kill(Number(pid), 'SIGKILL');
    await server.wrote(/a worker died; it is restarted/);
    await server.wrote(new RegExp(`${LOOKS.source}[^]*${LOOKS.source}`));
    const { id: later } = await jobs.submit({ kind: 'training', model: 'none', order: ORDER });
    await ended(later);
    server.child.kill('SIGTERM');
    expect(await server.finished).toMatchObject({ code: 0, stderr: '' });
  });

  it('has a worker do what another process submits', async () => {
    const server = await startServer(env);
    const id = await submit();
    expect(await ended(id)).toMatchObject({ state: 'failed', attempts: 1 });
    server.child.kill('SIGTERM');
    const { code, stdout } = await server.finished;
    expect([code, stdout]).toEqual([0, expect.stringMatching(LOOKS)]);
  });

  it('takes its worker with it when it is killed', async () => {
    await submit();
    const server = await startServer(env);
    await server.wrote(LOOKS);
    server.child.kill('SIGKILL');
    // Its output ends when the last process that writes to it has.
    const { stdout } = await server.finished;
    expect(stdout).toMatch(/"reason":"disconnect","msg":"the worker stops"/);
  });

  it('leaves the jobs to others when it is told so', async () => {
    const id = await submit();
    const server = await startServer({ ...env, JOB_WORKERS: '0' });
    const shown = await fetch(`${server.url}/jobs/${id}`);
    expect(await shown.json()).toMatchObject({ state: 'queued' });
    const cancelled = await fetch(`${server.url}/jobs/${id}/cancel`, { method: 'POST' });
    expect([cancelled.status, await cancelled.json()]).toMatchObject([200, { state: 'cancelled' }]);
    server.child.kill('SIGTERM');
    const { stdout } = await server.finished;
    expect(stdout).not.toContain('"host":"worker"');
  });
});
