// @ts-check
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environmentOf, main, say, text } from './lib/command.js';
import { confirm } from './lib/confirm.js';
import { imageOf } from './lib/image.js';
import { publishShipped } from './lib/shipped.js';
import { apply, mustInit, outputs, plan } from './lib/terraform.js';

const USAGE = `usage: npm run deploy:up -- --env dev|prd [--image REPOSITORY@sha256:...] [--yes]

Creates an environment, or updates it to infra/. Before the first image is pushed it creates only the image
repository and the data stores; run it again afterwards. Existing functions keep their image, which deployments change.

  --env      dev or prd
  --image    the image of new functions; by default the live one, or the newest pushed one
  --yes      do not ask
  --help     print this help
`;

await main({
  name: 'up',
  usage: USAGE,
  options: { env: 'text', image: 'text', yes: 'flag' },
  async run(options) {
    const env = environmentOf(options);
    await mustInit(env);
    const image = text(options, 'image') ?? (await imageOf(await outputs(env)));
    say(image === '' ? 'image   none yet, so no functions' : `image   ${image}`);
    await bringUp(env, image, options.yes === true);
    const made = await outputs(env);
    await publishShipped(made.region, made.bucket);
    if (image === '') {
      say(`\nNext: npm run deploy:push -- --env ${env}, then this command again.`);
    } else {
      say(
        `\n${env} is up${made.api_url ? ` at ${made.api_url}` : ''}. npm run deploy:status -- --env ${env}`,
      );
    }
  },
});

/** @param {string} env @param {string} image @param {boolean} yes */
async function bringUp(env, image, yes) {
  const directory = await mkdtemp(join(tmpdir(), 'lapidary-plan-'));
  try {
    // Applies the plan that was confirmed, not a later one.
    const file = join(directory, 'plan');
    await plan(env, { image_uri: image }, { file });
    await confirm(`${env} will be changed as above.`, { yes });
    await apply(env, file);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
