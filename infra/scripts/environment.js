// @ts-check
import { appendFile } from 'node:fs/promises';
import { main, Refusal, say, text } from './lib/command.js';
import { environmentFor } from './lib/environment.js';

const USAGE = `usage: node infra/scripts/environment.js

Says which environment what has happened on GitHub is deployed to: \`dev\`, \`prd\` or none. It reads what GitHub
sets for every workflow, or the options.

  --event        GITHUB_EVENT_NAME, such as push
  --ref          GITHUB_REF, such as refs/heads/dev
  --repository   GITHUB_REPOSITORY: where the workflow runs
  --owner        DEPLOY_REPOSITORY: the only one that deploys, a variable that a fork does not have
  --help         prints this

In a workflow it also writes environment=... to GITHUB_OUTPUT.
`;

const FROM = {
  event: 'GITHUB_EVENT_NAME',
  ref: 'GITHUB_REF',
  repository: 'GITHUB_REPOSITORY',
  owner: 'DEPLOY_REPOSITORY',
};

await main({
  name: 'environment',
  usage: USAGE,
  options: { event: 'text', ref: 'text', repository: 'text', owner: 'text' },
  async run(options) {
    /** @param {keyof typeof FROM} name */
    const value = (name) => text(options, name) ?? process.env[FROM[name]] ?? '';
    /** @param {keyof typeof FROM} name */
    const needed = (name) => {
      if (value(name) !== '') return value(name);
      throw new Refusal(`--${name} or ${FROM[name]} is needed`, 2);
    };
    const environment = environmentFor({
      event: needed('event'),
      ref: needed('ref'),
      repository: needed('repository'),
      owner: value('owner'),
    });
    if (process.env.GITHUB_OUTPUT) {
      await appendFile(process.env.GITHUB_OUTPUT, `environment=${environment ?? ''}\n`);
    }
    say(environment ?? 'none');
  },
});
