// @ts-check
// The names and addresses of an environment that a deployment needs, without secrets.
import { Refusal } from './command.js';
import { outputs } from './terraform.js';

/**
 * @typedef {{ env: string, region: string, image_repository_url: string, image_repository_name: string,
 *   functions: Record<string, string>, live_alias: string, canary_alias: string, architecture: string,
 *   api_url: string | null, canary_url: string | null, bucket: string }} Target
 */

const TEXTS = /** @type {const} */ ([
  'env',
  'region',
  'image_repository_url',
  'image_repository_name',
  'live_alias',
  'canary_alias',
  'bucket',
]);

/**
 * Returns the target of an environment, from the variable DEPLOY_TARGET in workflows, which cannot read Terraform's state,
 * else from the state.
 * @param {string} env
 * @returns {Promise<Target>}
 */
export async function targetOf(env) {
  const given = process.env.DEPLOY_TARGET;
  const target = given ? fromVariable(given) : picked(await outputs(env));
  if (target.env !== env) {
    throw new Refusal(`DEPLOY_TARGET must be that of ${env}, not of ${target.env}`);
  }
  return target;
}

/** @param {string} json @returns {Target} */
export function fromVariable(json) {
  let value;
  try {
    value = JSON.parse(json);
  } catch {
    throw new Refusal(
      'DEPLOY_TARGET must be JSON: npm run --silent deploy:target -- --env ENV prints it',
    );
  }
  return picked(value);
}

/** Selects the outputs that a deployment needs. @param {any} value @returns {Target} */
export function picked(value) {
  const missing = TEXTS.filter((name) => typeof value?.[name] !== 'string' || value[name] === '');
  if (typeof value?.functions !== 'object') missing.push(/** @type {any} */ ('functions'));
  if (missing.length > 0) {
    throw new Refusal(`the target lacks ${missing.join(', ')}: run deploy:up`);
  }
  // Older targets lack it: their images are for x86_64.
  const { functions, architecture = 'x86_64', api_url = null, canary_url = null } = value;
  const texts = Object.fromEntries(TEXTS.map((name) => [name, value[name]]));
  return /** @type {Target} */ ({ ...texts, functions, architecture, api_url, canary_url });
}
