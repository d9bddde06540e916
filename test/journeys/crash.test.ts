import { afterAll, describe, expect, it } from '@jest/globals';
import { seededRandom } from '../../src/ml/random.js';
import { CHAMPION, ServingService } from '../../src/serving/service.js';
import { apiAt, pause, type TrainingJob } from '../support/api.js';
import { Client } from '../support/client.js';
import { sha256 } from '../support/datasets.js';
import { describeAws } from '../support/emulator.js';
import { killWorker, startServer } from '../support/process.js';
import { sized } from '../support/size.js';
import { BOXES, boxesCsv } from '../support/training.js';
import { newAwsPlace, newLocalPlace, type Place } from '../support/worlds.js';

const SHORTLY_AGAIN = { JOB_LEASE_S: '1', JOB_POLL_S: '1', JOB_MAX_ATTEMPTS: '100' };
const FIT = {
  dataset: 'boxes',
  spec: { network: { hidden: [8], members: 1 } },
  hyperparameters: { epochs: 3 },
  // However bad so short a training is: each version becomes the champion.
  gate: { tolerance: 100 },
};
/** What is waited for before something is killed, and for how long at most after that. */
const MOMENTS = [
  { after: 'upload', longestMs: 20 },
  { after: 'version', longestMs: 10 },
  { after: 'restart', longestMs: 2500 },
  { after: 'champion', longestMs: 10 },
] as const;
const VICTIMS = ['server', 'worker', 'both'] as const;
const LOOK_MS = 5;
const SLOW = sized(300_000, 900_000);

describe('on this machine', () => survives(newLocalPlace, sized(4, 16), [1, 2]));
describeAws('on AWS', () => survives(newAwsPlace, sized(2, 4), [3]));

/**
 * Kills server and worker while clients upload, a model is trained, versions are published.
 * @param seeds one for each client
 */
function survives(newPlace: () => Promise<Place>, kills: number, seeds: readonly number[]): void {
  const random = seededRandom(seeds[0]!);
  let place: Place;
  let server: Awaited<ReturnType<typeof startServer>>;
  let clients: Client[] = [];
  const api = apiAt(() => server.url);
  afterAll(async () => {
    for (const client of clients) client.leave();
    server?.child.kill('SIGKILL');
    await server?.finished;
    place?.remove();
  });

  it(
    `has all that it acknowledged when killed ${kills} times, once and whole, and ends what it began`,
    async () => {
      place = await newPlace();
      const start = async () => {
        server = await startServer({ ...place.env, ...SHORTLY_AGAIN });
      };
      await start();
      await api.send('PUT', '/datasets/boxes', BOXES);
      await api.append('boxes', boxesCsv(200));
      expect((await api.send('PUT', '/models/boxes', FIT)).status).toBe(202);
      clients = seeds.map((first) => new Client(api, 'boxes', first));

      for (let kill = 0; kill < kills; kill++) {
        const { after, longestMs } = MOMENTS[kill % MOMENTS.length]!;
        await comes(after);
        await pause(longestMs * random());
        const victim = VICTIMS[Math.floor(VICTIMS.length * random())];
        if (victim !== 'server') killWorker(server);
        if (victim !== 'worker') {
          server.child.kill('SIGKILL');
          await server.finished;
          await expectWholeVersions();
          await start();
        }
      }

      const sent = (await Promise.all(clients.map((client) => client.end()))).flat();
      await expectBatches([sha256(boxesCsv(200)), ...sent]);
      await expectTrained();
      await expectWholeVersions();
    },
    SLOW,
  );

  /** Waits for another upload, another version, or another move of the champion; for nothing else. */
  async function comes(what: (typeof MOMENTS)[number]['after']): Promise<void> {
    if (what === 'restart') return;
    const { registry } = place;
    const count = {
      upload: async () => clients.reduce((sum, { begun }) => sum + begun, 0),
      version: async () => (await registry.listVersions('boxes')).length,
      champion: async () => (await registry.aliasHistory('boxes', CHAMPION)).length,
    }[what];
    const before = await count();
    while ((await count()) === before) await pause(LOOK_MS);
  }

  /** Nothing that is half there can be seen. */
  async function expectWholeVersions(): Promise<void> {
    const loader = new ServingService(place.registry);
    const versions = await place.registry.listVersions('boxes');
    for (const id of versions) await loader.loadVersion('boxes', id);
    const champion = await place.registry.readAlias('boxes', CHAMPION);
    if (champion) expect(versions).toContain(champion.version);
  }

  async function expectBatches(checksums: readonly string[]): Promise<void> {
    const batches = await api.batchesOf('boxes');
    expect(batches.map(({ checksum }) => checksum).sort()).toEqual([...checksums].sort());
    for (const { id, checksum } of batches) {
      const content = await fetch(`${server.url}/datasets/boxes/batches/${id}/content`);
      expect(sha256(await content.text())).toBe(checksum);
    }
  }

  /** All jobs have ended well, and the champion is made of all batches. */
  async function expectTrained(): Promise<void> {
    const all = (await api.batchesOf('boxes')).map(({ id }) => id);
    await api.drain();
    const ended: TrainingJob[] = [];
    for (let path = '/jobs?limit=1000'; path !== ''; ) {
      const { items, next } = await api.get<{ items: TrainingJob[]; next?: string }>(path);
      ended.push(...items);
      path = next ? `/jobs?limit=1000&cursor=${next}` : '';
    }
    expect(ended.filter(({ state }) => state !== 'succeeded')).toEqual([]);
    for (const { result } of ended) {
      const { batches } = result.lineage.data;
      expect(batches).toEqual(all.slice(0, batches!.length));
    }
    const { version, card } = await api.get<{ version: string; card: TrainingJob['result'] }>(
      '/models/boxes',
    );
    expect(card.lineage.data.batches).toEqual(all);
    const answer = await api.predict('boxes', { side: 2, material: 'oak' });
    expect([answer.status, answer.version]).toEqual([200, version]);
  }
}
