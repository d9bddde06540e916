// @ts-check
import { environmentOf, main, say, text } from './lib/command.js';
import { imageOf } from './lib/image.js';
import { mustInit, outputs, plan } from './lib/terraform.js';

const USAGE = `usage: npm run deploy:plan -- --env dev|prd [--image REPOSITORY@sha256:...]

Shows what deploy:up would change, and changes nothing.

  --env      dev or prd
  --image    the image of new functions; by default the live one, or the newest pushed one
  --help     print this help
`;

await main({
  name: 'plan',
  usage: USAGE,
  options: { env: 'text', image: 'text' },
  async run(options) {
    const env = environmentOf(options);
    await mustInit(env);
    const image = text(options, 'image') ?? (await imageOf(await outputs(env)));
    say(image === '' ? 'image   none yet, so no functions' : `image   ${image}`);
    await plan(env, { image_uri: image });
  },
});
