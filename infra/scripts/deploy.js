// @ts-check
import { environmentOf, main, Refusal, say, text } from './lib/command.js';
import { functionsOf } from './lib/functions.js';
import { movesTo, rollOut } from './lib/rollout.js';
import { smoke } from './lib/smoke.js';
import { targetOf } from './lib/target.js';

const USAGE = `usage: node infra/scripts/deploy.js --env dev|prd --image REPOSITORY@sha256:...

Has the functions of an environment run an image: updates them by its digest, publishes a version of each,
tries it on the canary alias, then moves the live alias. When the new version fails, the aliases are moved
back and the command ends with 1: callers of live never reach a version that failed on the canary.

  --env      dev or prd
  --image    the image, by digest
  --note     kept with the versions, such as a commit
  --help     prints this

SMOKE_KEY is a key for the API (scope predict), where there is a gateway. DEPLOY_TARGET is what deploy:target
prints; without it Terraform is asked.
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
        '--image names an image by its digest, REPOSITORY@sha256:...: a tag can be moved',
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
    throw new Refusal(`${env} runs images of ${target.image_repository_url}, not ${image}`);
  }
  const functions = functionsOf(target);
  say(`deploy  ${image} to ${env}`);
  // Read before anything is changed: when another deployment moves an alias meanwhile, this deployment is refused.
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
