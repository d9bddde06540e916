import { fileURLToPath } from 'node:url';

/** A setting: where it comes from when the environment does not name it, and how text becomes its value. */
interface Setting<Value> {
  default: Value;
  description: string;
  /** @throws Error saying what the text should have been */
  parse(text: string): Value;
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

/** Every setting by its environment variable; docs/configuration.md prints this table. */
export const SETTINGS = {
  HOST: text('127.0.0.1', 'Address that the server listens on.'),
  PORT: integer(8080, 0, 65_535, 'Port that the server listens on; 0 takes any free one.'),
  LOG_LEVEL: oneOf('info', LOG_LEVELS, 'Least severe log line that is written.'),
  MODEL_DIR: text(
    fileURLToPath(new URL('../model', import.meta.url)),
    'Directory of the models: specs, versions and aliases.',
  ),
  MODEL_REFRESH_S: integer(
    30,
    0,
    86_400,
    'How often, in seconds, what is served is compared with where the aliases point; 0 does so on each request, which waits for it.',
  ),
  BODY_LIMIT_BYTES: integer(10 * 2 ** 20, 1, 2 ** 31, 'Largest request body.'),
  DATA_DIR: text('.data', 'Directory of the datasets and the jobs.'),
  BATCH_LIMIT_BYTES: integer(4 * 2 ** 30, 1, 2 ** 40, 'Largest batch of a dataset, unpacked.'),
  MAX_BAD_PERCENT: integer(
    10,
    0,
    100,
    "Largest percentage of a batch's rows that may be bad, unless its dataset says otherwise.",
  ),
  UPLOAD_PART_BYTES: integer(
    64 * 2 ** 20,
    1,
    2 ** 32,
    'Largest part of a batch that is uploaded in parts.',
  ),
  UPLOAD_LIFE_HOURS: integer(
    24,
    1,
    8760,
    'How long an upload in parts can be gone on with before it is removed.',
  ),
  JOB_WORKERS: integer(
    1,
    0,
    64,
    'Processes that do jobs beside the server, from the first job on; 0 when others do: lapidary worker.',
  ),
  JOB_POLL_S: integer(
    5,
    1,
    3600,
    'How often, in seconds, a worker that has nothing to do looks for jobs.',
  ),
  JOB_LEASE_S: integer(
    60,
    1,
    3600,
    'How long, in seconds, a job stays with a worker that is not heard of.',
  ),
  JOB_MAX_ATTEMPTS: integer(3, 1, 100, 'How often a job is begun whose workers die.'),
  MAX_INSTANCES: integer(10_000, 1, 1_000_000, 'Most instances in one prediction request.'),
  ADMIN_ROUTES: oneOf(
    'auto',
    ['on', 'off', 'auto'],
    'Whether the API may change things, whoever calls: datasets, aliases, versions; auto: when HOST is loopback, and not in Lambda.',
  ),
  SHUTDOWN_GRACE_MS: integer(
    10_000,
    0,
    3_600_000,
    'How long running requests may take when the server is told to stop.',
  ),
} as const satisfies Record<string, Setting<string | number>>;

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
    const given = environment[name];
    try {
      return [name, given === undefined || given === '' ? setting.default : setting.parse(given)];
    } catch (error) {
      faults.push(`${name} ${(error as Error).message}`);
      return [name, setting.default];
    }
  });
  if (faults.length > 0) throw new Error(`the configuration is invalid: ${faults.join('; ')}`);
  return Object.fromEntries(entries) as Config;
}

/** Whether the server on this address has the routes that change things. */
export function hasAdminRoutes({ ADMIN_ROUTES, HOST }: Config): boolean {
  const isLoopback = /^(localhost|127(\.\d{1,3}){3}|::1)$/.test(HOST);
  return ADMIN_ROUTES === 'on' || (ADMIN_ROUTES === 'auto' && isLoopback);
}

/**
 * Tells AWS' runtime client, which only reads the environment, what to run.
 * @returns the address of Lambda's runtime API; undefined outside of Lambda
 */
export function setLambdaHandler(handler: string, taskRoot: URL): string | undefined {
  process.env._HANDLER = handler;
  process.env.LAMBDA_TASK_ROOT = fileURLToPath(taskRoot);
  return process.env.AWS_LAMBDA_RUNTIME_API;
}

function text(fallback: string, description: string): Setting<string> {
  return { default: fallback, description, parse: (given) => given };
}

function oneOf(fallback: string, allowed: readonly string[], description: string): Setting<string> {
  return {
    default: fallback,
    description: `${description} One of ${allowed.join(', ')}.`,
    parse(given) {
      if (!allowed.includes(given))
        throw new Error(`must be one of ${allowed.join(', ')}, not "${given}"`);
      return given;
    },
  };
}

function integer(
  fallback: number,
  minimum: number,
  maximum: number,
  description: string,
): Setting<number> {
  return {
    default: fallback,
    description,
    parse(given) {
      const value = Number(given);
      if (Number.isInteger(value) && value >= minimum && value <= maximum) return value;
      throw new Error(`must be a whole number from ${minimum} to ${maximum}, not "${given}"`);
    },
  };
}
