// @ts-check
import { appendFile } from 'node:fs/promises';
import { main, Refusal, say, text } from './lib/command.js';
import { environmentFor } from './lib/environment.js';

const USAGE = `usage: node infra/scripts/environment.js

Prints the environment to which a GitHub event deploys: \`dev\`, \`prd\` or none. It reads the variables that GitHub sets
for every workflow, or the options.

  --event        GITHUB_EVENT_NAME, such as push
  --ref          GITHUB_REF, such as refs/heads/dev
  --repository   GITHUB_REPOSITORY, the repository of the workflow
  --owner        DEPLOY_REPOSITORY, the only repository that deploys; a fork lacks the variable
  --help         print this help

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
      throw new Refusal(`--${name} or ${FROM[name]} must be set`, 2);
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
