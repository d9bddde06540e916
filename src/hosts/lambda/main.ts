import { existsSync } from 'node:fs';
import { setLambdaHandler } from '../../compose/config.js';
import { LapidaryError } from '../../core/errors.js';

/** The functions of the image, by the argument after `lambda`. */
const HANDLERS: Readonly<Record<string, string>> = {
  api: 'lambda-api.handler',
  trainer: 'lambda-trainer.handler',
  authorizer: 'lambda-authorizer.handler',
};
const TASK_ROOT = new URL('.', import.meta.url);
const RUNTIME_CLIENT = new URL(
  '../infra/lambda-runtime/node_modules/aws-lambda-ric/index.mjs',
  import.meta.url,
);

/**
 * Starts AWS' runtime interface client, which fetches events from Lambda and passes them to the handler of this bundle.
 * @throws LapidaryError `not_ready` outside of Lambda, or when the client is not installed
 */
export async function main(name = 'api'): Promise<void> {
  const handler = Object.hasOwn(HANDLERS, name) ? HANDLERS[name] : undefined;
  if (handler === undefined) {
    const detail = `unknown function "${name}": use ${Object.keys(HANDLERS).join(', ')}`;
    throw new LapidaryError('not_ready', detail);
  }
  const api = setLambdaHandler(handler, TASK_ROOT);
  if (api === undefined) {
    const detail =
      'AWS_LAMBDA_RUNTIME_API is not set: this host runs inside AWS Lambda; "serve" runs anywhere';
    throw new LapidaryError('not_ready', detail);
  }
  if (!existsSync(RUNTIME_CLIENT)) {
    const detail =
      'the Lambda runtime client is not installed: npm ci --prefix infra/lambda-runtime';
    throw new LapidaryError('not_ready', detail);
  }
  // The client starts when it is imported.
  await import(RUNTIME_CLIENT.href);
}
