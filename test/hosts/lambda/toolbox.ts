import { existsSync } from 'node:fs';
import { describe } from '@jest/globals';
import { built } from '../../support/built.js';

/** The built application: what the image runs. */
export const MAIN = await built('main.js');
const RUNTIME_CLIENT = new URL(
  '../../../infra/lambda-runtime/node_modules/aws-lambda-ric/rapid-client.node',
  import.meta.url,
);

/** A suite that needs the real runtime client and the built application. */
export const describeLambda = existsSync(RUNTIME_CLIENT)
  ? describe
  : unavailable('the Lambda runtime client is not installed: npm ci --prefix infra/lambda-runtime');

/** Fails in CI, where tests must not be skipped; elsewhere prints how to run them. */
function unavailable(reason: string): typeof describe.skip {
  if (process.env.CI) throw new Error(reason);
  process.stderr.write(`\nNOT TESTED: ${reason}\n\n`);
  return describe.skip;
}
