// @ts-check
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ENVIRONMENTS, environmentOf, main, Refusal } from './lib/command.js';
import { startEmulator } from './lib/emulator.js';
import { FunctionHost } from './lib/function-host.js';
import { Rehearsal } from './lib/rehearsal.js';
import { run } from './lib/run.js';
import { makeStandIns } from './lib/stand-ins.js';

const USAGE = `usage: npm run deploy:rehearse [-- --env dev|prd]

Rehearses docs/deploy.md without an AWS account, on an empty emulator: creates the environments, pushes and deploys
an image, requests a prediction, deploys a second image, then one that does not start and must be rolled back, rolls
back, destroys the environments, and checks that no resource is left.

Images are directories, which manifests in the emulator's repository represent. Functions are processes that run them
under AWS' runtime client. docs/deploy.md lists the differences to AWS.

  --env      only this environment
  --help     print this help

Needs terraform with the AWS provider, the aws command line, python3, and npm ci --prefix infra/lambda-runtime.
Exits with 77 if one of them is missing.
`;

const NOT_HERE = 77;

await main({
  name: 'rehearse',
  usage: USAGE,
  options: { env: 'text' },
  async run(options) {
    const environments = options.env === undefined ? ENVIRONMENTS : [environmentOf(options)];
    const directory = await mkdtemp(join(tmpdir(), 'lapidary-rehearsal-'));
    /** @type {(() => Promise<unknown>)[]} */
    const ends = [() => rm(directory, { recursive: true, force: true })];
    try {
      await requireTools(directory);
      await rehearse(environments, directory, ends);
    } finally {
      for (const end of ends.reverse()) await end();
    }
  },
});

/** @param {readonly string[]} environments @param {string} directory @param {(() => Promise<unknown>)[]} ends */
async function rehearse(environments, directory, ends) {
  const images = await makeStandIns();
  ends.push(images.remove);
  // The host needs the address of the emulator, and the emulator that of the host, which it calls later.
  const env = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
  const host = await FunctionHost.start({ env });
  ends.push(() => host.stop());
  const emulator = await startEmulator(proxies(environments, host.url));
  ends.push(() => emulator.stop());
  Object.assign(process.env, emulator.env, {
    DEPLOY_DATA_DIR: directory,
    // Required by prd; files of variables take precedence.
    TF_VAR_alarm_emails: '["ops@example.org"]',
  });
  Object.assign(env, emulator.env);
  const rehearsal = new Rehearsal({ emulator, host, images: images.roots, directory });
  await rehearsal.play(environments);
}

/**
 * Starts the host of functions for the emulator.
 * @param {readonly string[]} environments @param {string} url
 */
function proxies(environments, url) {
  const roles = ['api', 'trainer', 'authorizer'];
  const names = environments.flatMap((env) => roles.map((role) => `lapidary-${env}-${role}`));
  return Object.fromEntries(names.map((name) => [`MINISTACK_LAMBDA_PROXY_${name}`, url]));
}

/** @param {string} directory */
async function requireTools(directory) {
  const missing = [];
  for (const tool of ['terraform', 'aws', 'python3']) {
    await run(tool, ['--version']).catch(() => missing.push(tool));
  }
  if (!existsSync('dist/main.js')) missing.push('the application (npm run build)');
  const client = 'infra/lambda-runtime/node_modules/aws-lambda-ric/rapid-client.node';
  if (!existsSync(client))
    missing.push('the runtime client (npm ci --prefix infra/lambda-runtime)');
  await useProviderOfThisMachine();
  const init = ['-chdir=infra/bootstrap', 'init', '-input=false'];
  const env = { TF_DATA_DIR: join(directory, 'bootstrap') };
  await run('terraform', init, { env }).catch(() => missing.push('the AWS provider of Terraform'));
  if (missing.length > 0)
    throw new Refusal(`cannot rehearse without ${missing.join(', ')}`, NOT_HERE);
}

/** Without a network the provider may be on the machine. */
async function useProviderOfThisMachine() {
  const mirror = await run('bash', ['infra/scripts/provider-mirror.sh']).catch(() => '');
  if (mirror !== '') process.env.TF_CLI_ARGS_init ??= `-plugin-dir=${mirror.trim()}`;
}
