import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { TrainingResult } from '../../src/training/order.js';
import { apiAt } from '../support/api.js';
import { startServer } from '../support/process.js';
import { BOXES, boxesCsv } from '../support/training.js';

/** When the server is killed, after it was started. */
const MOMENTS_MS = [200, 700, ...Array.from({ length: 4 }, () => Math.round(2500 * Math.random()))];

describe('a server that is killed while it trains', () => {
  const directory = mkdtempSync(join(tmpdir(), 'lapidary-crash-'));
  const env = {
    MODEL_DIR: join(directory, 'models'),
    DATA_DIR: join(directory, 'data'),
    JOB_LEASE_S: '1',
    JOB_POLL_S: '1',
    JOB_MAX_ATTEMPTS: '100',
  };
  let server: Awaited<ReturnType<typeof startServer>>;
  afterAll(async () => {
    server.child.kill();
    await server.finished;
    rmSync(directory, { recursive: true });
  });

  it('ends with each version once and whole, and with a champion', async () => {
    const send = async (url: string, method: string, path: string, body: object | string) => {
      const type = typeof body === 'string' ? 'text/csv' : 'application/json';
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const answer = await fetch(url + path, {
        method,
        headers: { 'content-type': type },
        body: text,
      });
      expect(answer.status).toBeLessThan(300);
    };
    server = await startServer(env);
    await send(server.url, 'PUT', '/datasets/boxes', BOXES);
    await send(server.url, 'POST', '/datasets/boxes', boxesCsv(400));
    const target = { name: 'weight', transform: 'log' };
    const spec = { target, network: { hidden: [8], members: 1 } };
    const fit = { dataset: 'boxes', spec, hyperparameters: { epochs: 30 } };
    await send(server.url, 'PUT', '/models/boxes', fit);
    for (const [seed, moment] of MOMENTS_MS.entries()) {
      await new Promise((resolve) => setTimeout(resolve, moment));
      if (seed === 3) await send(server.url, 'POST', '/datasets/boxes', boxesCsv(200, 9));
      server.child.kill('SIGKILL');
      await server.finished;
      server = await startServer(env);
    }
    await apiAt(() => server.url).drain();

    const answer = await fetch(`${server.url}/jobs?model=boxes`);
    const { jobs } = (await answer.json()) as { jobs: { state: string; result: TrainingResult }[] };
    expect(jobs.map(({ state }) => state)).toEqual(jobs.map(() => 'succeeded'));
    const last = jobs[0]!.result;
    expect(last.lineage.data.rows).toBe(600);
    const listed = await fetch(`${server.url}/models/boxes/versions`);
    const { versions } = (await listed.json()) as { versions: { id: string; damaged?: string }[] };
    expect(versions.filter(({ damaged }) => damaged)).toEqual([]);
    expect(versions.map(({ id }) => id)).toContain(last.version);
    expect(versions.length).toBeLessThanOrEqual(2);
    const model = await fetch(`${server.url}/models/boxes`);
    expect(model.status).toBe(200);
  }, 120_000);
});
