// @ts-check
import { environmentOf, main, say } from './lib/command.js';
import { functionsOf } from './lib/functions.js';
import { targetOf } from './lib/target.js';
import { outputs } from './lib/terraform.js';

const USAGE = `usage: npm run deploy:status -- --env dev|prd

Lists the functions with their published versions, the newest first, and for each version its image and aliases.

  --env      dev or prd
  --help     print this help
`;

/** Versions to list for each function. */
const VERSIONS = 5;

await main({
  name: 'status',
  usage: USAGE,
  options: { env: 'text' },
  async run(options) {
    const env = environmentOf(options);
    if (!process.env.DEPLOY_TARGET && Object.keys(await outputs(env)).length === 0) {
      return say(`${env} does not exist: run npm run deploy:up -- --env ${env}`);
    }
    const target = await targetOf(env);
    say(`region      ${target.region}`);
    say(`repository  ${target.image_repository_url}`);
    say(`API         ${target.api_url ?? 'no gateway: aws lambda invoke'}`);
    if (Object.keys(target.functions).length === 0)
      return say('functions   none: push an image first');
    for (const lines of await Promise.all(functionsOf(target).map(describe))) say(lines);
  },
});

/** @param {import('./lib/functions.js').Fn} fn @returns {Promise<string>} */
async function describe(fn) {
  const [versions, aliases] = await Promise.all([fn.versions(), fn.aliases()]);
  const at = Object.entries(aliases);
  const shown = new Set([
    ...versions.slice(0, VERSIONS),
    ...at.map(([, { version }]) => Number(version)),
  ]);
  const lines = await Promise.all(
    [...shown].map(async (version) => {
      const here = at.filter((alias) => alias[1].version === String(version)).map(([name]) => name);
      const image = (await fn.image(String(version))).split('@').at(-1);
      return `  ${String(version).padStart(4)}  ${image}${here.length > 0 ? `  <- ${here.join(', ')}` : ''}`;
    }),
  );
  return [fn.name, ...lines].join('\n');
}
