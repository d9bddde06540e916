import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LmdbJobStore } from '../../src/adapters/local/jobs.js';
import type { Job } from '../../src/jobs/port.js';
import { JobService } from '../../src/jobs/service.js';
import { seededRandom } from '../../src/ml/random.js';
import { CHAMPION, ServingService } from '../../src/serving/service.js';
import { nutsCsv } from '../support/data.js';
import { makeNuts } from '../support/nuts.js';
import { killWorker, startServer, WORKER_READY } from '../support/process.js';
import { sized } from '../support/size.js';
import { registryIn } from '../support/stores.js';

const JOBS = sized(2, 4);
const ROUNDS = sized(3, 6);
const LONGEST_MS = 2500;

type Server = Awaited<ReturnType<typeof startServer>>;

describe('training jobs whose server and worker are killed', () => {
  const directory = mkdtempSync(join(tmpdir(), 'lapidary-crash-'));
  const models = join(directory, 'models');
  const env = {
    MODEL_DIR: models,
    DATA_DIR: join(directory, 'data'),
    JOB_LEASE_S: '1',
    JOB_POLL_S: '1',
    JOB_MAX_ATTEMPTS: '100',
  };
  const random = seededRandom(7);
  const ended = new Map<string, Job>();
  const registry = registryIn(models);
  let store: LmdbJobStore;
  let jobs: JobService;
  let server: Server | undefined;

  beforeAll(async () => {
    mkdirSync(models);
    await makeNuts(models);
    // Whatever comes of a training becomes the champion.
    const source = { file: '../nuts.csv', gate: { tolerance: 1e6 } };
    writeFileSync(join(models, 'nuts', 'source.json'), JSON.stringify(source));
    store = await LmdbJobStore.open(join(env.DATA_DIR, 'jobs'));
    jobs = new JobService(store, { async notify() {} });
  }, 60_000);
  afterAll(async () => {
    server?.child.kill('SIGKILL');
    await store.close();
    rmSync(directory, { recursive: true });
  });

  it('all succeed in the end, and no half version was ever there', async () => {
    const ids: string[] = [];
    const submit = async () => {
      const request = {
        kind: 'training',
        model: 'nuts',
        order: { reason: 'manual' },
        lane: 'training/nuts',
      } as const;
      ids.push((await jobs.submit(request)).id);
    };
    for (let i = 0; i < JOBS; i++) await submit();
    for (let round = 0; round < ROUNDS; round++) {
      // There is always something to do, and something new to train on.
      await submit();
      appendFileSync(join(models, 'nuts.csv'), `${nutsCsv(1, round).split('\n')[1]}\n`);
      server = await startServer(env);
      await server.wrote(WORKER_READY);
      await passMoment();
      if (round % 2) killWorker(server);
      // Its successor may be killed, too, before it has anything to do.
      if (round % 3) await passMoment();
      server.child.kill('SIGKILL');
      killWorker(server);
      await server.finished;
      await expectWhole();
    }

    server = await startServer(env);
    for (const id of ids) while (!(await jobs.get(id)).endedAt) await pause(50);
    await expectWhole();
    // Those of the same millisecond are in any order.
    ids.sort();
    expect([...ended.keys()].sort()).toEqual(ids);
    const listed = await registry.listVersions('nuts');
    for (const { state, result } of ended.values()) {
      expect(state).toBe('succeeded');
      expect(listed).toContain((result as { version: string }).version);
    }
    const shown = await fetch(`${server.url}/models/nuts`, {
      headers: { 'cache-control': 'no-cache' },
    });
    const { version } = (await shown.json()) as { version: string };
    const last = ended.get(ids.at(-1)!)!.result as { version: string };
    expect(version).toBe(last.version);
    server.child.kill('SIGTERM');
    expect((await server.finished).code).toBe(0);
  }, 300_000);

  /** What was there before is there still; versions can be loaded, and the champion is one of them. */
  async function expectWhole(): Promise<void> {
    for (const job of ended.values()) expect(await jobs.get(job.id)).toEqual(job);
    for (const job of (await jobs.list({}, { limit: 100 })).items)
      if (job.endedAt) ended.set(job.id, job);
    const loader = new ServingService(registry);
    const versions = await registry.listVersions('nuts');
    for (const id of versions) await loader.loadVersion('nuts', id);
    const champion = await registry.readAlias('nuts', CHAMPION);
    expect(versions).toContain(champion!.version);
  }

  const passMoment = () => pause(Math.round(LONGEST_MS * random()));
});

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
