import { Agent, request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BUILT_IN_PLANS } from '../../src/access/plans.js';
import { DIAMOND } from '../support/app.js';
import { newAccess } from '../support/keys.js';
import { startServer } from '../support/process.js';

const CALLERS = 50;
const QUOTA = 700;
const MONTH = new Date().toISOString().slice(0, 7);

let world: Awaited<ReturnType<typeof newAccess>>;
let key: string;
let url: string;
const agent = new Agent({ keepAlive: true, maxSockets: CALLERS });

beforeEach(async () => {
  world = await newAccess();
  const { name: _name, ...terms } = BUILT_IN_PLANS.find(({ name }) => name === 'unlimited')!;
  await world.access.keys.putPlan('tight', { ...terms, predictionsPerMonth: QUOTA });
  key = await world.issue('predict');
});
afterEach(() => world.remove());

async function serve() {
  const server = await startServer({
    DATA_DIR: world.directory,
    ACCESS: 'keys',
    LOG_LEVEL: 'info',
  });
  url = server.url;
  return server;
}

/** The status of one prediction; undefined when no answer came. */
function predict(headers: Record<string, string> = {}, instances = 1): Promise<number | undefined> {
  const body = JSON.stringify({ instances: Array.from({ length: instances }, () => DIAMOND) });
  return new Promise((resolve) => {
    const call = request(`${url}/models/diamonds/predictions`, {
      method: 'POST',
      agent,
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        'content-length': body.length,
        ...headers,
      },
    });
    call.on('error', () => resolve(undefined));
    call.on('response', (answer) => {
      answer.on('error', () => resolve(undefined));
      answer.on('end', () => resolve(answer.statusCode)).resume();
    });
    call.end(body);
  });
}

const totals = async () => (await world.access.usage.report(MONTH, 'acme'))[0]!.totals;

describe('50 parallel callers on one key', () => {
  it('never exceed its quota, and what is counted is what was answered', async () => {
    await world.access.keys.changeClient('acme', { plan: 'tight' });
    const server = await serve();
    let answered = 0;
    const refusals = new Set<number | undefined>();
    const call = async (instances: number): Promise<void> => {
      for (;;) {
        const status = await predict({}, instances);
        if (status !== 200) return void refusals.add(status);
        answered += instances;
      }
    };
    await Promise.all(Array.from({ length: CALLERS }, (_, i) => call(1 + (i % 3))));
    while ((await predict()) === 200) answered++;
    expect([...refusals]).toEqual([402]);
    expect(answered).toBe(QUOTA);
    expect((await totals()).predictions).toBe(QUOTA);
    server.child.kill();
    await server.finished;
  }, 60_000);

  it('are counted exactly, across kill -9, when they ask again with the same Idempotency-Key', async () => {
    let server = await serve();
    let ready: Promise<unknown> = Promise.resolve();
    let answered = 0;
    let lost = 0;
    let going = true;
    const call = async (caller: number): Promise<void> => {
      for (let n = 0; going; n++) {
        const id = { 'idempotency-key': `${caller}-${n}` };
        while ((await predict(id)) !== 200) {
          lost++;
          await ready;
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
        answered++;
      }
    };
    const answers = async (count: number): Promise<void> => {
      while (answered < count) await new Promise((resolve) => setTimeout(resolve, 10));
    };
    const calling = Promise.all(Array.from({ length: CALLERS }, (_, i) => call(i)));
    for (let round = 0; round < 3; round++) {
      await answers(340 * (round + 1));
      server.child.kill('SIGKILL');
      ready = server.finished.then(async () => {
        server = await serve();
      });
      await ready;
    }
    await answers(1001);
    going = false;
    await calling;
    expect(lost).toBeGreaterThan(0);
    expect(answered).toBeGreaterThan(1000);
    expect(await totals()).toMatchObject({ requests: answered, predictions: answered });
    server.child.kill();
    await server.finished;
  }, 60_000);

  it('without one, what was answered before a kill -9 is counted, and no more than what was asked', async () => {
    const server = await serve();
    let asked = 0;
    let answered = 0;
    let going = true;
    const call = async (): Promise<void> => {
      while (going) {
        asked++;
        if ((await predict()) !== 200) return;
        answered++;
      }
    };
    const calling = Promise.all(Array.from({ length: CALLERS }, call));
    await new Promise((resolve) => setTimeout(resolve, 800));
    server.child.kill('SIGKILL');
    await server.finished;
    going = false;
    await calling;
    const { predictions } = await totals();
    expect(predictions).toBeGreaterThanOrEqual(answered);
    expect(predictions).toBeLessThanOrEqual(asked);
    expect(asked - answered).toBeLessThanOrEqual(CALLERS);
  }, 60_000);
});
