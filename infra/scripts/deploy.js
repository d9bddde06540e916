// @ts-check
import { environmentOf, main, Refusal, say, text } from './lib/command.js';
import { functionsOf } from './lib/functions.js';
import { movesTo, rollOut } from './lib/rollout.js';
import { smoke } from './lib/smoke.js';
import { targetOf } from './lib/target.js';

const USAGE = `usage: node infra/scripts/deploy.js --env dev|prd --image REPOSITORY@sha256:...

Deploys an image to the functions of an environment: updates them to its digest, publishes a version of each, tests
it on the alias canary, then moves the alias live. If the new version fails, the aliases are moved back and the
command exits with 1. Callers of live never reach a version that failed on the canary.

  --env      dev or prd
  --image    the image, by digest
  --note     description of the versions, such as a commit
  --help     print this help

If the environment has a gateway, set SMOKE_KEY to an API key with the scope predict. DEPLOY_TARGET is the output of
deploy:target; by default the outputs of Terraform are read.
`;

const IMAGE = /^[^@\s]+@sha256:[0-9a-f]{64}$/;

await main({
  name: 'deploy',
  usage: USAGE,
  options: { env: 'text', image: 'text', note: 'text' },
  async run(options) {
    const image = text(options, 'image') ?? '';
    if (!IMAGE.test(image)) {
      throw new Refusal(
        '--image must name an image by its digest, REPOSITORY@sha256:...: a tag can be moved',
        2,
      );
    }
    await deploy(environmentOf(options), image, text(options, 'note') ?? '');
  },
});

/** @param {string} env @param {string} image @param {string} note */
async function deploy(env, image, note) {
  const target = await targetOf(env);
  if (!image.startsWith(`${target.image_repository_url}@`)) {
    throw new Refusal(
      `--image must be in ${target.image_repository_url}, the repository of ${env}, not ${image}`,
    );
  }
  const functions = functionsOf(target);
  say(`deploy  ${image} to ${env}`);
  // Read first: if another deployment moves an alias meanwhile, this one is refused.
  const before = await movesTo(
    target,
    functions.map((fn) => ({ fn, version: '' })),
  );
  const moves = await Promise.all(
    before.map(async (move) => {
      await move.fn.update(image);
      const version = await move.fn.publish(note);
      say(`version ${move.fn.name}: ${version}`);
      return { ...move, version };
    }),
  );
  await rollOut(target, moves, (alias, version) => smoke(target, alias, version)).catch((error) => {
    if (!(error instanceof Refusal)) throw error;
    throw new Refusal(`${image} is not live: ${error.message}`);
  });
  say(`live    ${env} runs ${image}`);
}
