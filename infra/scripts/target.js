// @ts-check
import { environmentOf, main, Refusal, say } from './lib/command.js';
import { picked } from './lib/target.js';
import { outputs } from './lib/terraform.js';

const USAGE = `usage: npm run --silent deploy:target -- --env dev|prd

Prints what a deployment has to know of an environment, as JSON: names and addresses, no secret. It is the
variable DEPLOY_TARGET of the GitHub environment; set it again when Terraform has made other ones.

  --env      dev or prd
  --help     prints this
`;

await main({
  name: 'target',
  usage: USAGE,
  options: { env: 'text' },
  async run(options) {
    const env = environmentOf(options);
    const told = await outputs(env);
    if (Object.keys(told).length === 0)
      throw new Refusal(`${env} is not there: npm run deploy:up -- --env ${env}`);
    say(JSON.stringify(picked(told)));
  },
});
