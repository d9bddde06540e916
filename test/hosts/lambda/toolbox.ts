import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, test } from '@jest/globals';

/** The built application: what the image runs. */
export const MAIN = fileURLToPath(new URL('../../../dist/main.js', import.meta.url));
const RUNTIME_CLIENT = new URL(
  '../../../infra/lambda-runtime/node_modules/aws-lambda-ric/rapid-client.node',
  import.meta.url,
);

interface Requirement {
  met: boolean;
  otherwise: string;
}

const RUNTIME: Requirement = {
  met: existsSync(RUNTIME_CLIENT),
  otherwise: 'the Lambda runtime client is not installed: npm ci --prefix infra/lambda-runtime',
};
const BUILD: Requirement = {
  met: existsSync(MAIN),
  otherwise: 'the application is not built: npm run build',
};

/** A suite that needs the real runtime client and the built application. */
export const describeLambda = RUNTIME.met && BUILD.met ? describe : unavailable(RUNTIME, BUILD);

const version = spawnSync('aws', ['--version'], { encoding: 'utf8' });
const AWS: Requirement = {
  met: version.status === 0,
  otherwise: 'the AWS command line is not installed: see docs.aws.amazon.com/cli',
};
/** A test that needs the `aws` command. */
export const testAws = AWS.met ? test : test.skip;
if (!AWS.met) notice(AWS.otherwise);

/** Version 2 of the command takes a payload as base64 unless told otherwise; version 1 has no such option. */
export const RAW_PAYLOAD = /^aws-cli\/1\./.test(version.stdout)
  ? []
  : ['--cli-binary-format', 'raw-in-base64-out'];

/** What CI is there to show must not be skipped silently there; elsewhere a notice says how to run it. */
function unavailable(...requirements: Requirement[]): typeof describe | typeof describe.skip {
  const reason = requirements.find(({ met }) => !met)?.otherwise ?? '';
  if (process.env.CI) throw new Error(reason);
  notice(reason);
  return describe.skip;
}

function notice(reason: string): void {
  process.stderr.write(`\nNOT TESTED HERE: ${reason}\n\n`);
}
