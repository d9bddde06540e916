// @ts-check
import { environmentOf, main, Refusal, say } from './lib/command.js';
import { picked } from './lib/target.js';
import { outputs } from './lib/terraform.js';

const USAGE = `usage: npm run --silent deploy:target -- --env dev|prd

Prints the names and addresses of an environment that a deployment needs, as JSON without secrets. Set it as the
variable DEPLOY_TARGET of the GitHub environment, again after Terraform has recreated resources.

  --env      dev or prd
  --help     print this help
`;

await main({
  name: 'target',
  usage: USAGE,
  options: { env: 'text' },
  async run(options) {
    const env = environmentOf(options);
    const told = await outputs(env);
    if (Object.keys(told).length === 0)
      throw new Refusal(`${env} does not exist: run npm run deploy:up -- --env ${env}`);
    say(JSON.stringify(picked(told)));
  },
});
