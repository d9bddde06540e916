// Eight writers, each of which reports acknowledged writes that are lost.
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

/** The client of all writes. */
export const CLIENT = 'acme';

/** Milliseconds until the usage of other processes is summed. */
const COUNT_TRIES = 20;
const COUNT_MS = 500;

const BOXES = {
  features: [
    { name: 'side', kind: 'number', minimum: 0 },
    { name: 'material', kind: 'category', categories: ['cork', 'oak'] },
  ],
  target: { name: 'weight' },
};
const DIAMOND = {
  carat: 0.23,
  cut: 'Ideal',
  color: 'E',
  clarity: 'SI2',
  depth: 61.5,
  table: 55,
  x: 3.95,
  y: 3.98,
  z: 2.43,
};
const DIAMONDS = `${Object.keys(DIAMOND)}\n${Object.values(DIAMOND)}\n`;

const sha256 = (text) => createHash('sha256').update(text).digest('hex');
const csvOf = (seed) => `side,material,weight\n${seed}.5,oak,${seed}\n${seed}.25,cork,1\n`;

/** Writes one kind of data repeatedly; `done` has the acknowledged writes. */
class Writer {
  done = [];

  constructor(world, n) {
    this.world = world;
    this.n = n;
    this.name = new.target.name;
  }

  send(...request) {
    return this.world.send(...request);
  }

  /** @returns an answer that a kill does not explain */
  keep(answer, statuses, what) {
    if (!statuses.includes(answer.status)) return answer;
    this.done.push(what);
    return undefined;
  }
}

class Datasets extends Writer {
  async write(n) {
    const path = `/datasets/set-${n}`;
    return this.keep(await this.send('PUT', path, BOXES), [200, 201], path);
  }
  lost() {
    return missing(this.done, async (path) => (await this.send('GET', path)).status === 200);
  }
}

class Batches extends Writer {
  get path() {
    return `/datasets/boxes-${this.n}`;
  }
  async write(n) {
    if (n === 0) await this.send('PUT', this.path, BOXES);
    const csv = csvOf(1000 * this.n + n);
    return this.keep(await this.send('POST', this.path, csv), [200, 201], sha256(csv));
  }
  async lost() {
    const batches = await all(this, this.path);
    const twice = batches.length - new Set(batches.map(({ checksum }) => checksum)).size;
    const lost = await missing(this.done, (checksum) =>
      batches.some((batch) => batch.checksum === checksum),
    );
    for (const { id, checksum } of batches) {
      const { body } = await this.send('GET', `${this.path}/batches/${id}/content`);
      if (sha256(body) !== checksum) lost.push(`${this.path}/batches/${id} is damaged`);
    }
    return twice > 0 ? [...lost, `${twice} batches of ${this.path} exist twice`] : lost;
  }
}

class Uploads extends Batches {
  async write(n) {
    if (n === 0) await this.send('PUT', this.path, BOXES);
    const csv = csvOf(1000 * this.n + n);
    const checksum = sha256(csv);
    const { body: upload } = await this.send('POST', `${this.path}/uploads`, { format: 'csv' });
    const path = `${this.path}/uploads/${upload.id}`;
    const part = await this.send('PUT', `${path}/parts/1`, csv, {
      'content-type': 'application/octet-stream',
      'x-checksum-sha256': checksum,
    });
    if (part.status !== 200) return part;
    const parts = { parts: [{ number: 1, checksum }] };
    return this.keep(await this.send('POST', `${path}/complete`, parts), [200, 201], checksum);
  }
}

class BatchPredictions extends Writer {
  async write(n) {
    const path = '/models/diamonds/batch-predictions';
    const headers = { 'idempotency-key': `job-${n}` };
    const answer = await this.send('POST', path, DIAMONDS, headers);
    return this.keep(answer, [200, 202], answer.body.id);
  }
  lost() {
    return missing(this.done, async (id) => {
      const path = `/models/diamonds/batch-predictions/${id}/result`;
      const { status, body } = await this.send('GET', path);
      return status === 200 && body.trim().split('\n').length === 2;
    });
  }
}

class Predictions extends Writer {
  async write() {
    const path = '/models/diamonds/predictions';
    const headers = { 'idempotency-key': `prediction-${this.done.length}` };
    const answer = await this.send('POST', path, { instances: [DIAMOND] }, headers);
    return this.keep(answer, [200], 'a prediction');
  }
  /** With an idempotency key each prediction counts once, and so does each row of a job. */
  async lost() {
    const answered = this.done.length + (await all(this, '/jobs')).length;
    let counted;
    for (let tries = 0; tries < COUNT_TRIES && counted !== answered; tries++) {
      const { body } = await this.send('GET', `/usage?client=${CLIENT}`);
      counted = body.items[0].totals.predictions;
      if (counted !== answered) await sleep(COUNT_MS);
    }
    return counted === answered
      ? []
      : [`${answered} predictions were answered, ${counted} were counted`];
  }
}

class Keys extends Writer {
  async write() {
    const { status, body } = await this.send('POST', '/keys', {
      client: CLIENT,
      scopes: ['predict'],
    });
    if (status !== 201) return { status, body };
    const answer = await this.send('DELETE', `/keys/${body.id}`);
    return this.keep(answer, [200], body.id);
  }
  async lost() {
    const keys = await all(this, '/keys');
    return missing(this.done, (id) => keys.some((key) => key.id === id && key.revokedAt));
  }
}

class Plans extends Writer {
  async write(n) {
    const plan = {
      requestsPerSecond: 1 + n,
      burst: 20,
      predictionsPerMonth: n,
      maxInstances: 10,
      maxDatasetBytes: null,
      trainingMinutesPerMonth: 0,
      currency: 'CHF',
      pricePerThousandPredictions: '1',
      pricePerTrainingMinute: '1',
    };
    return this.keep(await this.send('PUT', '/plans/changing', plan), [200], n);
  }
  async lost() {
    const plans = (await this.send('GET', '/plans')).body.items;
    const last = plans.find(({ name }) => name === 'changing')?.predictionsPerMonth;
    return last === this.done.at(-1) ? [] : [`the plan of ${last} is not the last`];
  }
}

export const WRITERS = [
  Datasets,
  Batches,
  class MoreBatches extends Batches {},
  Uploads,
  BatchPredictions,
  Predictions,
  Keys,
  Plans,
];

async function missing(things, isThere) {
  const lost = [];
  for (const thing of things) if (!(await isThere(thing))) lost.push(String(thing));
  return lost;
}

/** Reads all pages of a list. */
async function all(writer, path) {
  const items = [];
  for (let cursor = ''; cursor !== undefined; ) {
    const { body } = await writer.send('GET', `${path}?limit=100${cursor && `&cursor=${cursor}`}`);
    items.push(...body.items);
    cursor = body.next;
  }
  return items;
}
