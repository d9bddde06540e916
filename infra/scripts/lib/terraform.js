// @ts-check
// Runs Terraform, with one plugin directory and one state for each environment, so that none is used for another.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { aws, ifThere } from './aws.js';
import { Refusal } from './command.js';
import { Failed, run } from './run.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** @param {string} env @param {readonly string[]} args @param {{ show?: boolean }} [options] */
async function terraform(env, args, options = {}) {
  const data = join(process.env.DEPLOY_DATA_DIR ?? join(ROOT, '.terraform'), env);
  const all = {
    ...options,
    env: { TF_DATA_DIR: data, TF_IN_AUTOMATION: 'true', TF_INPUT: 'false' },
  };
  try {
    const [command = '', ...rest] = args;
    const plain = process.stdout.isTTY || command === 'state' ? [] : ['-no-color'];
    return await run('terraform', [`-chdir=${ROOT}`, command, ...plain, ...rest], all);
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    throw new Refusal(
      `terraform ${args[0]} failed${error.stderr === '' ? '' : `:\n${error.stderr}`}`,
    );
  }
}

/** @param {string} env */
function variablesOf(env) {
  return join(ROOT, 'environments', `${env}.tfvars`);
}

/** @param {string} env @returns {Promise<{ region: string, project: string }>} the parts of names */
export async function settingsOf(env) {
  const path = variablesOf(env);
  const written = await readFile(path, 'utf8');
  /** @param {string} name */
  const value = (name) => new RegExp(`^\\s*${name}\\s*=\\s*"([^"]*)"`, 'm').exec(written)?.[1];
  const region = value('region');
  if (region === undefined) throw new Refusal(`${path} lacks the region`);
  return { region, project: value('project') ?? 'lapidary' };
}

/**
 * Connects to the state of an environment.
 * @param {string} env
 * @returns {Promise<boolean>} false if the bucket of states does not exist yet
 */
export async function init(env) {
  const { region, project } = await settingsOf(env);
  const { Account } = await aws(region, 'sts', 'get-caller-identity');
  // The name that infra/bootstrap gives it.
  const bucket = process.env.STATE_BUCKET ?? `${project}-terraform-${Account}-${region}`;
  if (!(await bucketExists(region, bucket))) return false;
  const backend = { bucket, region, key: `${env}.tfstate` };
  const given = Object.entries(backend).map(([name, value]) => `-backend-config=${name}=${value}`);
  await terraform(env, ['init', '-reconfigure', ...given]);
  return true;
}

/** @param {string} region @param {string} bucket */
async function bucketExists(region, bucket) {
  const asked = aws(region, 's3api', 'get-bucket-location', '--bucket', bucket);
  return (
    (await ifThere(
      asked.then(() => true),
      'NoSuchBucket',
    )) ?? false
  );
}

/** Connects like `init`, and throws if the bucket does not exist. @param {string} env */
export async function mustInit(env) {
  if (await init(env)) return;
  const { region, project } = await settingsOf(env);
  const apply = `terraform -chdir=infra/bootstrap apply -var region=${region} -var project=${project}`;
  throw new Refusal(
    `the account lacks the bucket for Terraform's state. Create it once:\n  terraform -chdir=infra/bootstrap init\n  ${apply}`,
  );
}

/** @param {string} env @returns {Promise<Record<string, any>>} its outputs; empty if it does not exist */
export async function outputs(env) {
  if (!(await init(env))) return {};
  const told = JSON.parse(await terraform(env, ['output', '-json']));
  return Object.fromEntries(Object.entries(told).map(([name, output]) => [name, output.value]));
}

/** @param {string} env @param {Record<string, string>} variables */
function given(env, variables) {
  const file = `-var-file=${variablesOf(env)}`;
  return [file, ...Object.entries(variables).map(([name, value]) => `-var=${name}=${value}`)];
}

/**
 * Shows the changes.
 * @param {string} env
 * @param {Record<string, string>} variables
 * @param {{ file?: string, destroy?: boolean }} [options] the file of the plan; whether it destroys
 */
export async function plan(env, variables, { file, destroy = false } = {}) {
  const kept = file === undefined ? [] : [`-out=${file}`];
  const mode = destroy ? ['-destroy'] : [];
  await terraform(env, ['plan', ...mode, ...kept, ...given(env, variables)], { show: true });
}

/** Applies a plan. @param {string} env @param {string} file */
export async function apply(env, file) {
  await terraform(env, ['apply', file], { show: true });
}

/** @param {string} env @returns {Promise<string[]>} the addresses of all resources in its state */
export async function resources(env) {
  const listed = await terraform(env, ['state', 'list']).catch((error) => {
    if (error instanceof Refusal && error.message.includes('No state file')) return '';
    throw error;
  });
  return listed.split('\n').filter((line) => line !== '' && !line.startsWith('data.'));
}
