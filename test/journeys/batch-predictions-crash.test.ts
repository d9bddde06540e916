import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { Directory } from '../../src/adapters/objects/directory.js';
import { StoredBatchPredictions } from '../../src/adapters/stores/batch-predictions.js';
import type { Job } from '../../src/jobs/port.js';
import { sha256 } from '../support/datasets.js';
import { startServer } from '../support/process.js';
import { sized } from '../support/size.js';

const COPIES = sized(4, 15);
const KILLS = sized(2, 4);
const WORKER = /"pid":(\d+),"host":"worker","msg":"the worker waits for jobs"/g;

const require = createRequire(import.meta.url);
const file = readFileSync(require.resolve('@observablehq/sample-datasets/diamonds.csv'), 'utf8');
const [header, ...lines] = file.trim().split('\n');

type Server = Awaited<ReturnType<typeof startServer>>;

describe('a batch prediction whose worker is killed while it writes', () => {
  const directory = mkdtempSync(join(tmpdir(), 'lapidary-crash-'));
  const results = join(directory, 'batch-predictions');
  const env = { DATA_DIR: directory, JOB_LEASE_S: '1', JOB_POLL_S: '1', JOB_MAX_ATTEMPTS: '100' };
  afterAll(() => rmSync(directory, { recursive: true }));

  it('is whole in the end, and half of it was never there', async () => {
    const server = await startServer(env);
    const url = `${server.url}/models/diamonds/batch-predictions`;
    const body = [header, ...Array.from({ length: COPIES }, () => lines).flat()].join('\n');
    const headers = { 'content-type': 'text/csv' };
    const { id } = (await (await fetch(url, { method: 'POST', headers, body })).json()) as Job;
    const store = new StoredBatchPredictions(new Directory(directory));

    for (let kill = 0; kill < KILLS; kill++) {
      const before = scratch().length;
      const isEnded = async () => (await store.openResult(id)) !== undefined;
      while (scratch().length === before && !(await isEnded())) await pause(20);
      await pause(100 * kill);
      if (await isEnded()) break;
      killWorker(server);
      // It was writing, and nothing of that can be had.
      expect((await fetch(`${url}/${id}/result`)).status).toBe(409);
    }

    const job = await ended(`${server.url}/jobs/${id}`);
    const rows = COPIES * lines.length;
    expect(job).toMatchObject({ state: 'succeeded', result: { rows, rejected: 0 } });
    expect(job.attempts).toBeGreaterThan(1);
    const text = await (await fetch(`${url}/${id}/result`)).text();
    expect(sha256(text)).toBe((job.result as { checksum: string }).checksum);
    expect(text.trim().split('\n')).toHaveLength(rows + 1);

    // What the dead left is scratch, and goes when it is old.
    expect(scratch().length).toBeGreaterThan(0);
    const entries = readdirSync(join(results, id)).filter((name) => name.endsWith('.json'));
    expect(entries.sort()).toEqual(['input.json', 'result.json']);
    server.child.kill('SIGTERM');
    expect((await server.finished).code).toBe(0);
  }, 300_000);

  const scratch = () =>
    readdirSync(results, { recursive: true }).filter((path) => basename(String(path))[0] === '.');
});

async function ended(url: string): Promise<Job> {
  for (;;) {
    const job = (await (await fetch(url)).json()) as Job;
    if (job.endedAt) return job;
    await pause(100);
  }
}

function killWorker({ written }: Server): void {
  const [, pid] = [...written.stdout.matchAll(WORKER)].at(-1)!;
  process.kill(Number(pid), 'SIGKILL');
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
