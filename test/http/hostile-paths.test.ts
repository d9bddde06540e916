import { existsSync, readdirSync } from 'node:fs';
import { Agent, request as ask } from 'node:http';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { uuidv7 } from '../../src/core/ids.js';
import { FLATS } from '../support/datasets.js';
import { guardedApp } from '../support/keys.js';

const { app, dependencies, directory, key, remove } = await guardedApp();
/** Nothing else has this name, wherever it is looked for. */
const MARK = `escaped-${uuidv7()}`;
const agent = new Agent({ keepAlive: true, maxSockets: 4 });
let port = 0;
let routes: { method: string; path: string }[] = [];
beforeAll(async () => {
  port = Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port);
  const { paths } = (await app.inject('/openapi.json')).json() as {
    paths: Record<string, Record<string, unknown>>;
  };
  routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })),
  );
});
afterAll(async () => {
  agent.destroy();
  await remove();
});

/** Names that are none, as they stand in a URL. */
const NEVER: readonly [string, string][] = [
  ['the directory above', '..'],
  ['the directory above, encoded', '%2e%2e'],
  ['this directory', '.'],
  ['a path upwards', `..%2f..%2f${MARK}`],
  ['a path upwards, encoded twice', `%252e%252e%252f${MARK}`],
  ['a path upwards of Windows', `..%5c..%5c${MARK}`],
  ['a path from the root', `%2ftmp%2f${MARK}`],
  ['a path downwards', `a%2f${MARK}`],
  ['NUL', '%00'],
  ['a name that ends at NUL', `${MARK}%00.csv`],
  ['line breaks', '%0d%0aset-cookie:%20a=b'],
  ['a hidden file', `.${MARK}`],
  ['a space', '%20'],
  ['a name that turns around', '%E2%80%AEsdnomaid'],
  ['a letter that looks like another', 'diam%CE%BFnds'],
  ['a letter and its accent apart', 'e%CC%81'],
  ['wide full stops', '%EF%BC%8E%EF%BC%8E%EF%BC%8F'],
  ['full stops that are too long', '%C0%AE%C0%AE%C0%AF'],
  ['half a pair', '%ED%A0%80'],
  ['what is not encoded', '%zz'],
  ['a picture', '%F0%9F%92%8E'],
  ['a name that is too long', 'x'.repeat(101)],
  ['an inherited name', '__proto__'],
  ['a pattern', '*'],
  ['a query of SQL', "x'%20OR%20'1'='1"],
];
/** They may be names; what has them must be no trouble. */
const PERHAPS: readonly [string, string][] = [
  ['inherited by every object', 'constructor'],
  ['a device of Windows', 'con'],
  ['an option', '-rf'],
  ['large letters', 'DIAMONDS'],
  ['as long as can be', 'x'.repeat(100)],
];

const PARTS = [{ number: 1, checksum: '0'.repeat(64) }];
/** What routes need to look at their path at all. */
const BODIES: Readonly<Record<string, object | string>> = {
  'PUT /models/{model}': { dataset: 'flats', target: 'rent' },
  'POST /models/{model}/predictions': { instances: [{}] },
  'POST /models/{model}/batch-predictions': 'area\n1\n',
  'PUT /models/{model}/aliases/{alias}': { version: '0123456789abcdef' },
  'PUT /datasets/{dataset}': FLATS,
  'POST /datasets/{dataset}': 'area,city,since,rent\n1,Bern,2026-01-31,1\n',
  'POST /datasets/{dataset}/uploads': {},
  'POST /datasets/{dataset}/uploads/{upload}/complete': { parts: PARTS },
  'PATCH /clients/{client}': { plan: 'free' },
  'PUT /plans/{plan}': {
    requestsPerSecond: 10,
    burst: 20,
    predictionsPerMonth: 1000,
    maxInstances: 10,
    maxDatasetBytes: null,
    trainingMinutesPerMonth: 0,
    currency: 'CHF',
    pricePerThousandPredictions: '250000',
    pricePerTrainingMinute: '1',
  },
};

/** As it is written: anything that parses URLs would mend the path. */
function send(method: string, path: string, body: object | string | undefined) {
  return new Promise<{ status: number; type: string | undefined; text: string }>(
    (resolve, reject) => {
      const text = typeof body === 'string' ? body : body && JSON.stringify(body);
      const headers = {
        authorization: `Bearer ${key}`,
        ...(text && {
          'content-type': typeof body === 'string' ? 'text/csv' : 'application/json',
          'content-length': text.length,
        }),
      };
      const sent = ask({ port, agent, method, path, headers }, (answer) => {
        let received = '';
        answer.setEncoding('utf8').on('data', (part: string) => {
          received += part;
        });
        answer.on('end', () =>
          resolve({
            status: answer.statusCode!,
            type: answer.headers['content-type'],
            text: received,
          }),
        );
      });
      sent.on('error', reject).end(text);
    },
  );
}

/** Every route with the name in the place of each of its parameters, one after the other. */
async function tryEverywhere(name: string) {
  const tried = [];
  for (const { method, path } of routes) {
    for (const [parameter] of path.matchAll(/\{\w+\}/g)) {
      const url = path.replace(parameter, name).replaceAll(/\{\w+\}/g, '1');
      const { status, type, text } = await send(method, url, BODIES[`${method} ${path}`]);
      tried.push({ what: `${method} ${path} ${parameter}`, status, type, text });
    }
  }
  return tried;
}

describe('in the place of every parameter of every path', () => {
  it.each(NEVER)('%s is refused', async (_what, name) => {
    const tried = await tryEverywhere(name);
    expect(tried.length).toBeGreaterThan(40);
    const wrong = tried.filter(
      // Some are refused for their body first, or for a part of the path that is no number.
      ({ status, type }) =>
        ![400, 404, 405, 409, 414, 415, 422].includes(status) ||
        !type?.startsWith('application/problem+json'),
    );
    expect(wrong).toEqual([]);
  });

  it.each(PERHAPS)('a name that is %s is no trouble', async (_what, name) => {
    expect((await tryEverywhere(name)).filter(({ status }) => status >= 500)).toEqual([]);
  });

  it('nothing was made where it does not belong', async () => {
    const { datasets } = await dependencies.datasets!();
    const root = dirname(directory);
    expect([...readdirSync(root), ...readdirSync('/tmp'), ...readdirSync('.')]).not.toContain(MARK);
    expect(existsSync(join(root, MARK))).toBe(false);
    const { items } = await datasets.list({ limit: 1000 });
    for (const { name } of items) expect(name).toMatch(/^[a-z][a-z0-9-]*$/);
    const there = readdirSync(directory, { recursive: true }).map(String);
    expect(there.filter((path) => path.includes(MARK))).toEqual([]);
  });
});

describe('a query', () => {
  it.each([
    '__proto__=1',
    '__proto__[admin]=1',
    'constructor.prototype.admin=1',
    'constructor[prototype][admin]=1',
    'limit=1&limit=2',
    `cursor=${'..%2f'.repeat(5)}${MARK}`,
    'cursor=%00',
    'cursor=%zz',
    `limit=${'9'.repeat(400)}`,
    'limit=1e2',
    'limit=-1',
    `${'a=1&'.repeat(1500)}b=2`,
  ])('%s answers what was asked or why not', async (query) => {
    for (const path of ['/clients', '/keys', '/datasets', '/jobs', '/usage', '/models']) {
      const { status } = await send('GET', `${path}?${query}`, undefined);
      expect([path, status < 500]).toEqual([path, true]);
    }
    expect(({} as Record<string, unknown>).admin).toBeUndefined();
  });
});
