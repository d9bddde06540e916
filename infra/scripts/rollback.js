// @ts-check

import { environmentOf, main, Refusal, say, text } from './lib/command.js';
import { confirm } from './lib/confirm.js';
import { functionsOf } from './lib/functions.js';
import { movesTo, rollOut } from './lib/rollout.js';
import { smoke } from './lib/smoke.js';
import { targetOf } from './lib/target.js';

const USAGE = `usage: npm run deploy:rollback -- --env dev|prd [--to VERSION] [--untested] [--yes]

Makes an earlier version live again: of the API function the one before the live one, of the others the one
with the same image. It is tested on the canary first. A version that fails there, such as one whose deployment
failed, is skipped for the one before it. Nothing is built or deleted. To roll forward again, name the version.

  --env        dev or prd
  --to         the version of the API function; by default the one before
  --untested   skip the canary; needs --to
  --yes        do not ask
  --help       print this help

deploy:status lists the versions. Set SMOKE_KEY and DEPLOY_TARGET as for a deployment.
`;

await main({
  name: 'rollback',
  usage: USAGE,
  options: { env: 'text', to: 'text', untested: 'flag', yes: 'flag' },
  async run(options) {
    const to = text(options, 'to');
    if (to !== undefined && !/^[1-9]\d*$/.test(to))
      throw new Refusal('--to must be the number of a version', 2);
    if (options.untested === true && to === undefined)
      throw new Refusal('--untested needs --to', 2);
    const target = await targetOf(environmentOf(options));
    const functions = functionsOf(target);
    const candidates = await candidatesOf(target, functions, to);
    const asked = { yes: options.yes === true };
    await confirm(
      `${target.env} will be rolled back to version ${candidates[0]} of its API.`,
      asked,
    );
    await goBack(target, functions, candidates, options.untested === true);
  },
});

/**
 * @typedef {import('./lib/target.js').Target} Target
 * @typedef {import('./lib/functions.js').Fn} Fn
 */

/** @param {readonly Fn[]} functions @returns {Fn} */
function apiOf(functions) {
  const api = functions.find(({ role }) => role === 'api');
  if (api === undefined)
    throw new Refusal('the environment has no API function yet: npm run deploy:up');
  return api;
}

/**
 * Returns the versions of the API function to roll back to, the best first.
 * @param {Target} target @param {readonly Fn[]} functions @param {string} [to]
 * @returns {Promise<string[]>}
 */
async function candidatesOf({ env, live_alias }, functions, to) {
  const api = apiOf(functions);
  const [aliases, versions] = await Promise.all([api.aliases(), api.versions()]);
  const live = aliases[live_alias]?.version;
  say(`live    ${api.name}: ${live}`);
  if (to !== undefined) {
    if (versions.includes(Number(to))) return [to];
    throw new Refusal(`${api.name} has no version ${to}, only ${versions.join(', ')}`);
  }
  const earlier = versions.filter((version) => version < Number(live));
  if (earlier.length === 0) throw new Refusal(`${env} has no version before ${live}`);
  return earlier.map(String);
}

/** @param {Target} target @param {readonly Fn[]} functions @param {readonly string[]} candidates @param {boolean} untested */
async function goBack(target, functions, candidates, untested) {
  /** @param {string} alias @param {string} version */
  const test = async (alias, version) => (untested ? undefined : smoke(target, alias, version));
  for (const candidate of candidates) {
    try {
      const image = await apiOf(functions).image(candidate);
      say(`test    version ${candidate}, ${image}`);
      const moves = await movesTo(target, await versionsWith(image, functions, candidate));
      await rollOut(target, moves, test);
      say(`live    ${target.env} runs version ${candidate}, ${image}`);
      return;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      say(`skip    version ${candidate}: ${error.message}`);
    }
  }
  throw new Refusal(`${target.env} is unchanged: versions ${candidates.join(', ')} fail`);
}

/**
 * Returns for each function the newest version with an image, and for the API function the chosen one.
 * @param {string} image @param {readonly Fn[]} functions @param {string} chosen
 */
function versionsWith(image, functions, chosen) {
  return Promise.all(
    functions.map(async (fn) => {
      if (fn.role === 'api') return { fn, version: chosen };
      for (const version of await fn.versions()) {
        if ((await fn.image(String(version))) === image) return { fn, version: String(version) };
      }
      throw new Refusal(`${fn.name} has no version with that image`);
    }),
  );
}
