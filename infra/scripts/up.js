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

Sets an environment up, or brings it to what infra/ says; run again, it changes nothing. Before the first
image is pushed there is only what it is pushed to and data is kept in; run it again after that. Functions
that are there keep their image: deployments move it.

  --env      dev or prd
  --image    the image that functions are made of; the live one, or the newest pushed one, by default
  --yes      without asking
  --help     prints this
`;

await main({
  name: 'up',
  usage: USAGE,
  options: { env: 'text', image: 'text', yes: 'flag' },
  async run(options) {
    const env = environmentOf(options);
    await mustInit(env);
    const image = text(options, 'image') ?? (await imageOf(await outputs(env)));
    say(image === '' ? 'image   none yet: no functions' : `image   ${image}`);
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
    // What is asked about is what is done: the plan, not another look later.
    const file = join(directory, 'plan');
    await plan(env, { image_uri: image }, { file });
    await confirm(`${env} is to be changed as above.`, { yes });
    await apply(env, file);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
