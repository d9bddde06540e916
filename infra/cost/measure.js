// @ts-check
// Measures the durations and the memory of the functions, under AWS' runtime client with the Runtime API of the tests.
// Needs `npm run build` and `npm ci --prefix infra/lambda-runtime`.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { machine, mean, peakMegabytes, twentieths } from './machine.js';
import { trainOnce } from './training.js';

const MAIN = 'dist/main.js';
const CLIENT = 'infra/lambda-runtime/node_modules/aws-lambda-ric/';
const COLD_STARTS = 5;
const WARM_UP = 500;
const CALLS = 2_000;
/** The machine may have other work in some rounds, so the fastest counts. */
const ROUNDS = 3;
const MODEL = 'diamonds';
const ROW = {
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

/** @typedef {{ url: string, pid: number, invoke: (event: unknown) => Promise<{ payload: string, functionError?: string }>, output: () => string, stop: () => Promise<void> }} Started */

/**
 * @param {(line: string) => void} say
 * @returns {Promise<import('./measured.js').Measured>}
 */
export async function measure(say) {
  if (!existsSync(MAIN)) throw new Error('the application is not built: npm run build');
  if (!existsSync(`${CLIENT}rapid-client.node`))
    throw new Error('the Lambda runtime client is missing: npm ci --prefix infra/lambda-runtime');
  const work = mkdtempSync(join(tmpdir(), 'lapidary-cost-'));
  try {
    const tests = await rehearsal(work);
    say(`cold starts of the API function (${COLD_STARTS})`);
    const coldMilliseconds = await coldStart(tests);
    say(`predictions of one row and of a hundred (${ROUNDS} times ${CALLS} each)`);
    const api = await apiFunction(tests);
    say(`decisions of the authorizer (${ROUNDS} times ${CALLS})`);
    const authorizer = await authorizerFunction(tests, join(work, 'data'));
    say(`a training of ${MODEL}`);
    const training = await trainOnce(MAIN, MODEL, join(work, 'model'));
    return {
      date: new Date().toISOString().slice(0, 10),
      machine: machine(CLIENT),
      model: MODEL,
      api: { coldMilliseconds, ...api },
      authorizer,
      training,
    };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * Bundles the Runtime API and events of the tests, which are TypeScript.
 * @param {string} work
 */
async function rehearsal(work) {
  const outfile = join(work, 'rehearsal.mjs');
  const files = ['function.js', 'events.js', 'authorizer-events.js'];
  await build({
    stdin: {
      contents: files.map((file) => `export * from './${file}';`).join('\n'),
      resolveDir: 'test/hosts/lambda',
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'warning',
  });
  return import(pathToFileURL(outfile).href);
}

/** @param {any} tests */
async function coldStart({ startFunction, apiGatewayV2 }) {
  const times = [];
  for (let i = 0; i < COLD_STARTS; i++) {
    const started = performance.now();
    /** @type {Started} */
    const api = await startFunction({
      command: [process.execPath, MAIN, 'lambda'],
      env: { ACCESS: 'open' },
    });
    await succeed(api, apiGatewayV2(predictions(1)));
    times.push(performance.now() - started);
    await api.stop();
  }
  return Math.ceil(mean(times));
}

/** @param {any} tests */
async function apiFunction({ startFunction, apiGatewayV2 }) {
  /** @type {Started} */
  const api = await startFunction({
    command: [process.execPath, MAIN, 'lambda'],
    env: { ACCESS: 'open' },
  });
  try {
    const [oneRow, hundredRows] = await quietest([1, 100], (rows) =>
      calls(api, apiGatewayV2(predictions(rows))),
    );
    return { oneRow, hundredRows, peakMegabytes: peakMegabytes(api.pid) };
  } finally {
    await api.stop();
  }
}

/**
 * @param {any} tests
 * @param {string} data
 */
async function authorizerFunction({ startFunction, authorizerV2 }, data) {
  const env = { DATA_DIR: data };
  const run = (/** @type {string[]} */ ...args) =>
    spawnSync(process.execPath, [MAIN, ...args], {
      env: { ...process.env, ...env },
      encoding: 'utf8',
    });
  run('clients', 'create', 'acme', '--plan', 'unlimited');
  const key = /lap_\S+/.exec(run('keys', 'create', 'acme', '--scopes', 'predict').stdout)?.[0];
  if (key === undefined) throw new Error('creating a key failed');
  /** @type {Started} */
  const authorizer = await startFunction({
    command: [process.execPath, MAIN, 'lambda', 'authorizer'],
    env,
  });
  try {
    const event = authorizerV2({ ...predictions(1), headers: { authorization: `Bearer ${key}` } });
    const [{ microseconds }] = await quietest([event], (each) => calls(authorizer, each));
    return { microseconds, peakMegabytes: peakMegabytes(authorizer.pid) };
  } finally {
    await authorizer.stop();
  }
}

/**
 * Runs rounds in turns, and returns the fastest of each.
 * @template T
 * @param {T[]} subjects
 * @param {(subject: T) => Promise<import('./measured.js').Calls>} run
 * @returns {Promise<any[]>} the calls of each
 */
async function quietest(subjects, run) {
  /** @type {import('./measured.js').Calls[]} */
  const best = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, subject] of subjects.entries()) {
      const now = await run(subject);
      const least = best[i];
      if (least === undefined || mean(now.microseconds) < mean(least.microseconds)) best[i] = now;
    }
  }
  return best;
}

/**
 * Times calls one after the other, from sending the event to receiving the answer: slightly more than Lambda bills.
 * @param {Started} started
 * @param {unknown} event
 */
async function calls(started, event) {
  for (let i = 0; i < WARM_UP; i++) await succeed(started, event);
  const before = started.output().length;
  const times = [];
  let payload = '';
  for (let i = 0; i < CALLS; i++) {
    const from = performance.now();
    payload = await succeed(started, event);
    times.push((performance.now() - from) * 1000);
  }
  const { body } = JSON.parse(payload);
  return {
    microseconds: twentieths(times),
    requestBytes: Buffer.byteLength(/** @type {any} */ (event).body ?? ''),
    responseBytes: Buffer.byteLength(body ?? ''),
    logBytes: Math.ceil((started.output().length - before) / CALLS),
  };
}

/**
 * @param {Started} started
 * @param {unknown} event
 */
async function succeed(started, event) {
  const { payload, functionError } = await started.invoke(event);
  const { statusCode = 200 } = JSON.parse(payload);
  if (functionError !== undefined || statusCode !== 200)
    throw new Error(`${payload}\n${started.output()}`);
  return payload;
}

/** @param {number} rows */
function predictions(rows) {
  const instances = Array.from({ length: rows }, () => ROW);
  return {
    method: 'POST',
    path: `/models/${MODEL}/predictions`,
    body: JSON.stringify({ instances }),
  };
}
