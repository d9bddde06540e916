// @ts-check
// Steps of docs/deploy.md beside the deployment commands.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { aws } from './aws.js';
import { Refusal } from './command.js';
import { run } from './run.js';
import { outputs } from './terraform.js';

const REQUEST = 'infra/smoke.json';

/**
 * Runs Terraform on infra/bootstrap, with its state in another directory.
 * @param {string} directory @param {string} command @param {...string} args
 */
export async function bootstrap(directory, command, ...args) {
  const env = { TF_DATA_DIR: join(directory, 'bootstrap') };
  const state = `-state=${join(directory, 'bootstrap.tfstate')}`;
  const unasked = ['-auto-approve', '-input=false', state, `-var=region=${process.env.AWS_REGION}`];
  await run('terraform', ['-chdir=infra/bootstrap', command, ...unasked, ...args], { env });
}

/**
 * Waits for the bucket of states. It exists at once; the provider then waits a minute for its rules to propagate.
 * @param {string} region
 */
export async function stateBucket(region) {
  for (;;) {
    const { Buckets } = await aws(region, 's3api', 'list-buckets');
    if (Buckets?.length > 0) return;
    await sleep(500);
  }
}

/** Creates the first client and its key. @param {string} env @returns {Promise<string>} */
export async function firstKey(env) {
  const { tables, bucket } = await outputs(env);
  const settings = { STORE: 'aws', S3_BUCKET: bucket, ACCESS_TABLE: tables.access };
  /** @param {...string} args */
  const lapidary = (...args) => run('node', ['dist/main.js', ...args], { env: settings });
  await lapidary('clients', 'create', 'smoke', '--plan', 'unlimited');
  const said = await lapidary('keys', 'create', 'smoke', '--scopes', 'predict');
  const [key] = /lap_\w+/.exec(said) ?? [];
  if (key === undefined) throw new Refusal('the command printed no key');
  return key;
}

/**
 * Requests a prediction from the live alias, over HTTPS with the key, or else by invoking.
 * @param {import('./target.js').Target} target @param {string} key
 * @returns {Promise<string>} the answer
 */
export async function prediction({ region, functions, api_url, live_alias }, key) {
  if (api_url === null) return invoke(region, functions.api ?? '', live_alias);
  const { model, instances } = JSON.parse(await readFile(REQUEST, 'utf8'));
  const response = await fetch(`${api_url}/models/${model}/predictions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ instances }),
  });
  return `${response.status} ${await response.text()}`;
}

/** @param {string} region @param {string} name @param {string} alias */
async function invoke(region, name, alias) {
  const directory = await mkdtemp(join(tmpdir(), 'lapidary-invoke-'));
  const out = join(directory, 'out.json');
  const of = ['--function-name', name, '--qualifier', alias, '--payload', `fileb://${REQUEST}`];
  await aws(region, 'lambda', 'invoke', ...of, out);
  const answer = await readFile(out, 'utf8');
  await rm(directory, { recursive: true });
  return answer;
}
