// @ts-check
// The smoke test of a version: requests a prediction in the way of its callers.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { aws } from './aws.js';
import { Refusal } from './command.js';

const REQUEST = new URL('../../smoke.json', import.meta.url);
/** A moved alias takes time to propagate, and the first request starts the new version. */
const TRIES = 3;
const PAUSE_MS = 1_000;
const TIMEOUT_MS = 30_000;

/**
 * Requests a prediction from an alias: without a gateway by invoking the function, else over HTTPS with a key, and once
 * without a key, which must be refused.
 * @param {import('./target.js').Target} target
 * @param {string} alias
 * @param {string} [version] the expected version
 * @throws Refusal with the failure
 */
export async function smoke(target, alias, version) {
  const request = JSON.parse(await readFile(REQUEST, 'utf8'));
  const url = alias === target.canary_alias ? target.canary_url : target.api_url;
  // Only an invocation returns the version that answered: a move of an alias takes time to propagate.
  await again(() => invoke(target, alias, request, version));
  if (url === null) return;
  const key = process.env.SMOKE_KEY;
  if (!key) {
    throw new Refusal('SMOKE_KEY is not set: the API requires a key (scope predict)');
  }
  await again(() => post(url, request, key));
  await refuses(url, request);
}

/**
 * @param {import('./target.js').Target} target @param {string} alias
 * @param {{ model: string, instances: unknown[] }} request @param {string} [version]
 */
async function invoke({ region, functions }, alias, request, version) {
  const directory = await mkdtemp(join(tmpdir(), 'lapidary-smoke-'));
  try {
    const [payload, out] = [join(directory, 'in.json'), join(directory, 'out.json')];
    await writeFile(payload, JSON.stringify(request));
    // fileb: the raw bytes, in both versions of the command line.
    const of = ['--function-name', functions.api ?? '', '--qualifier', alias];
    const answer = await aws(
      region,
      'lambda',
      'invoke',
      ...of,
      '--payload',
      `fileb://${payload}`,
      out,
    );
    const body = await readFile(out, 'utf8');
    if (answer.FunctionError !== undefined)
      throw new Refusal(`the function failed: ${body.slice(0, 1000)}`);
    if (version !== undefined && answer.ExecutedVersion !== version) {
      throw new Refusal(`version ${answer.ExecutedVersion} answered, not ${version}`);
    }
    check(body, request);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** @param {string} url @param {{ model: string, instances: unknown[] }} request @param {string} key */
async function post(url, request, key) {
  // Both headers, since a Terraform variable (key_header) selects one of them.
  const headers = { authorization: `Bearer ${key}`, 'x-api-key': key };
  const { status, body } = await ask(url, request, headers);
  if (status !== 200) throw new Refusal(`${url} answered ${status}: ${body.slice(0, 1000)}`);
  check(body, request);
}

/** @param {string} url @param {{ model: string, instances: unknown[] }} request */
async function refuses(url, request) {
  const { status } = await ask(url, request, {});
  if (status !== 401 && status !== 403) {
    throw new Refusal(`${url} answered ${status} without a key, not 401 or 403`);
  }
}

/**
 * @param {string} url @param {{ model: string, instances: unknown[] }} request
 * @param {Record<string, string>} headers
 */
async function ask(url, { model, instances }, headers) {
  const response = await fetch(`${url}/models/${encodeURIComponent(model)}/predictions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ instances }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((/** @type {Error} */ error) => {
    const reason = error.cause instanceof Error ? error.cause.message : error.message;
    throw new Refusal(`${url} does not answer: ${reason}`);
  });
  return { status: response.status, body: await response.text() };
}

/** @param {string} body @param {{ model: string, instances: unknown[] }} request */
function check(body, { model, instances }) {
  const answer = parse(body);
  const predictions = answer?.predictions;
  const good =
    answer?.model === model &&
    Array.isArray(predictions) &&
    predictions.length === instances.length;
  if (!good || !predictions.every(isPrediction)) {
    throw new Refusal(`the answer lacks the prediction of ${model}: ${body.slice(0, 1000)}`);
  }
}

/** @param {any} prediction */
function isPrediction(prediction) {
  return Number.isFinite(prediction?.value) || typeof prediction?.label === 'string';
}

/** @param {string} body @returns {any} */
function parse(body) {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** @param {() => Promise<void>} attempt */
async function again(attempt) {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof Refusal) || tries === TRIES) throw error;
      await sleep(PAUSE_MS);
    }
  }
}
