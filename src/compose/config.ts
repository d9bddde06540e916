import { fileURLToPath } from 'node:url';
import { isLoopback } from '../core/origin.js';
import { SETTINGS } from './settings.js';

const NEEDED_BY_SAGEMAKER = [
  'SAGEMAKER_IMAGE',
  'SAGEMAKER_ROLE_ARN',
  'SAGEMAKER_OUTPUT_URI',
] as const;

export type Config = { [Name in keyof typeof SETTINGS]: (typeof SETTINGS)[Name]['default'] };

/**
 * Reads the configuration.
 * @throws Error naming each variable at fault
 */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Config {
  const faults: string[] = [];
  const entries = Object.entries(SETTINGS).map(([name, setting]) => {
    // `docker --env-file` leaves the \r of Windows' line ends at each value.
    const given = environment[name]?.trim();
    try {
      return [name, given === undefined || given === '' ? setting.default : setting.parse(given)];
    } catch (error) {
      faults.push(`${name} ${(error as Error).message}`);
      return [name, setting.default];
    }
  });
  const config = Object.fromEntries(entries) as Config;
  if (config.STORE === 'aws' && config.S3_BUCKET === '')
    faults.push('S3_BUCKET must be set where STORE is aws');
  if (config.TRAINING_SAGEMAKER_BYTES > 0) {
    for (const name of NEEDED_BY_SAGEMAKER)
      if (config[name] === '') faults.push(`${name} must be set where TRAINING_SAGEMAKER_BYTES is`);
  }
  // IAM authorises the callers of that route, and nothing is metered.
  if (config.INVOCATIONS_MODEL !== '' && requiresKeys(config))
    faults.push(
      'INVOCATIONS_MODEL must be empty where keys are required: /invocations requires none (ACCESS=open opens the API to all)',
    );
  if (faults.length > 0) throw new Error(`invalid configuration: ${faults.join('; ')}`);
  return config;
}

/** Decides whether the server on this address has the routes that change data. */
export function hasAdminRoutes(config: Config): boolean {
  const { ADMIN_ROUTES, HOST } = config;
  return (
    ADMIN_ROUTES === 'on' || (ADMIN_ROUTES === 'auto' && (isLoopback(HOST) || requiresKeys(config)))
  );
}

/** Decides whether the server on this address requires keys. */
export function requiresKeys({ ACCESS, HOST }: Config): boolean {
  return ACCESS === 'keys' || (ACCESS === 'auto' && !isLoopback(HOST));
}

/** Returns the sites whose pages may call the API. */
export function allowedOrigins({ CORS_ORIGINS }: Config): string[] {
  return CORS_ORIGINS === '' ? [] : CORS_ORIGINS.split(',');
}

/**
 * Sets the handler for AWS' runtime client, which only reads the environment.
 * @returns the address of Lambda's runtime API; undefined outside of Lambda
 */
export function setLambdaHandler(handler: string, taskRoot: URL): string | undefined {
  process.env._HANDLER = handler;
  process.env.LAMBDA_TASK_ROOT = fileURLToPath(taskRoot);
  return process.env.AWS_LAMBDA_RUNTIME_API;
}
