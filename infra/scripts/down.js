// @ts-check
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environmentOf, main, Refusal, say } from './lib/command.js';
import { confirm } from './lib/confirm.js';
import { imageOf } from './lib/image.js';
import { apply, init, outputs, plan, resources } from './lib/terraform.js';

const USAGE = `usage: npm run deploy:down -- --env dev|prd [--yes]

Destroys an environment with all its data: models, datasets, images, clients and keys. It asks for the name of the
environment. Terraform's state bucket and the identity provider of GitHub stay: infra/bootstrap has both.

  --env      dev or prd
  --yes      do not ask
  --help     print this help
`;

await main({
  name: 'down',
  usage: USAGE,
  options: { env: 'text', yes: 'flag' },
  async run(options) {
    const env = environmentOf(options);
    const there = (await init(env)) ? await resources(env) : [];
    if (there.length === 0) return say(`${env} does not exist: nothing to destroy`);
    for (const address of there) say(`  - ${address}`);
    const question = `These ${there.length} resources of ${env} and all their data will be destroyed.`;
    await confirm(question, { yes: options.yes === true, word: env });
    await takeDown(env);
    const left = await resources(env);
    if (left.length > 0) throw new Refusal(`left over: ${left.join(', ')}`);
    say(`${env} is destroyed: its state is empty`);
  },
});

/** @param {string} env */
async function takeDown(env) {
  const directory = await mkdtemp(join(tmpdir(), 'lapidary-plan-'));
  try {
    // Buckets, tables and repositories are protected until each is unlocked.
    const variables = { image_uri: await imageOf(await outputs(env)), destroy_data: 'true' };
    const [unlock, destroy] = [join(directory, 'unlock'), join(directory, 'destroy')];
    await plan(env, variables, { file: unlock });
    await apply(env, unlock);
    await plan(env, variables, { file: destroy, destroy: true });
    await apply(env, destroy);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
