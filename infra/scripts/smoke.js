// @ts-check
import { environmentOf, main, say, text } from './lib/command.js';
import { functionsOf } from './lib/functions.js';
import { smoke } from './lib/smoke.js';
import { targetOf } from './lib/target.js';

const USAGE = `usage: node infra/scripts/smoke.js --env dev|prd [--alias live|canary]

Requests the prediction of infra/smoke.json from an environment: by invoking the function, and with a gateway also
over HTTPS with the key SMOKE_KEY. A request without a key must be refused.

  --env      dev or prd
  --alias    the alias to test; by default live
  --help     print this help
`;

await main({
  name: 'smoke',
  usage: USAGE,
  options: { env: 'text', alias: 'text' },
  async run(options) {
    const target = await targetOf(environmentOf(options));
    functionsOf(target);
    const alias = text(options, 'alias') ?? target.live_alias;
    await smoke(target, alias);
    say(`smoke   ${target.env} answers on ${alias}`);
  },
});
