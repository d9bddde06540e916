import { isIP } from 'node:net';

/** A setting, by its environment variable. */
interface Setting<Value> {
  default: Value;
  description: string;
  /** @throws Error naming what the text must be */
  parse(text: string): Value;
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

/** Every setting by its environment variable; docs/configuration.md contains this table. */
export const SETTINGS = {
  HOST: text('127.0.0.1').describe('Address that the server listens on.'),
  PORT: integer(8080, 0, 65_535).describe('Port that the server listens on; 0: any free port.'),
  LOG_LEVEL: oneOf('info', LOG_LEVELS).describe('Lowest level that is logged.'),
  LOG_FORMAT: oneOf('auto', ['auto', 'json', 'text']).describe(
    'Format of log lines; auto: text on a terminal, else JSON.',
  ),
  MODEL_DIR: text('model').describe('Directory of the models: specs, versions and aliases.'),
  MODEL_REFRESH_S: integer(30, 0, 86_400).describe(
    'Seconds between two checks of the aliases; 0: each request checks first.',
  ),
  BODY_LIMIT_BYTES: integer(10 * 2 ** 20, 1, 2 ** 31).describe('Largest request body.'),
  DATA_DIR: text('.data').describe(
    'Directory of the datasets, jobs, batch predictions, keys and usage.',
  ),
  BATCH_LIMIT_BYTES: integer(4 * 2 ** 30, 1, 2 ** 40).describe(
    'Largest batch of a dataset, or of rows to predict, decompressed.',
  ),
  MAX_BAD_PERCENT: integer(10, 0, 100).describe(
    'Largest percentage of invalid rows in a batch, unless its dataset sets another, and in rows to predict.',
  ),
  UPLOAD_PART_BYTES: integer(64 * 2 ** 20, 1, 2 ** 32).describe('Largest part of an upload.'),
  UPLOAD_LIFE_HOURS: integer(24, 1, 8760).describe('Hours until an upload in parts expires.'),
  MAX_OPEN_UPLOADS: integer(10, 1, 100_000).describe('Open uploads in parts of a client.'),
  RESULT_LIFE_HOURS: integer(168, 1, 87_600).describe(
    'Hours until the rows and the result of a batch prediction expire.',
  ),
  JOB_WORKERS: integer(1, 0, 64).describe(
    'Worker processes of the server for each kind of job, started by its first job; 0 where lapidary worker runs the jobs.',
  ),
  JOB_POLL_S: integer(5, 1, 3600).describe(
    'Seconds between two checks for jobs, by idle workers and by servers without workers.',
  ),
  JOB_LEASE_S: integer(60, 1, 3600).describe(
    'Seconds without a heartbeat after which a job passes to another worker.',
  ),
  TRAINING_MAX_S: integer(21_600, 1, 2_419_200).describe('Seconds after which a training fails.'),
  MAX_JOBS: integer(1000, 1, 1_000_000).describe(
    'Stored jobs of a client; a new job replaces the oldest ended one, with its log and result.',
  ),
  JOB_MAX_ATTEMPTS: integer(3, 1, 100).describe('Attempts at a job whose workers die.'),
  MAX_INSTANCES: integer(10_000, 1, 1_000_000).describe('Most instances in a prediction request.'),
  MAX_REQUESTS: integer(1000, 0, 1_000_000).describe(
    'Open requests of the server; others are answered with 503. 0: unlimited.',
  ),
  CLIENT_SHARE_PERCENT: integer(25, 1, 100).describe(
    'Percentage of MAX_REQUESTS and MAX_HELD_BYTES that one client may use at a time; other requests of it are answered with 429. Without keys, each address is a client, unless it is loopback or private.',
  ),
  MAX_HELD_BYTES: integer(512 * 2 ** 20, 0, 2 ** 40).describe(
    'Bytes of request bodies in the memory of the server; other requests are answered with 503. 0: unlimited.',
  ),
  TRUSTED_PROXIES: list(isRange, 'addresses or CIDRs such as 10.0.0.0/8').describe(
    'Proxies in front of the server, as addresses or CIDRs separated by commas, such as 10.0.0.0/8: the client is the rightmost address in X-Forwarded-For that is not a proxy. None when empty.',
  ),
  MAX_DELAY_MS: integer(1000, 0, 3_600_000).describe(
    'Delay of the event loop, in milliseconds, above which requests are answered with 503. 0: unlimited.',
  ),
  HANDLER_TIMEOUT_S: integer(30, 0, 86_400).describe(
    'Seconds after which a request is answered with 503; predictions, fits and streams have no limit. 0: unlimited.',
  ),
  HEADERS_TIMEOUT_S: integer(15, 0, 3600).describe(
    'Seconds that a client may take to send the headers of a request. 0: unlimited.',
  ),
  IDLE_TIMEOUT_S: integer(30, 0, 3600).describe(
    'Seconds that a client may take to send 16 KiB of a body, or to receive 16 KiB of an answer, before the server disconnects it. 0: unlimited.',
  ),
  ACCESS: oneOf('auto', ['auto', 'keys', 'open']).describe(
    'Accepted callers: clients with a key, or all callers (open); auto: keys, unless HOST is loopback.',
  ),
  INVOCATIONS_MODEL: text('').describe(
    'Model of POST /invocations, the protocol of SageMaker endpoints; only without API keys. None when empty.',
  ),
  ACCESS_CACHE_S: integer(5, 0, 3600).describe(
    'Seconds that a valid key is cached; a revoked key stays valid as long.',
  ),
  CORS_ORIGINS: list(isOrigin, 'whole origins such as https://app.example.com').describe(
    'Sites whose pages may call the API from a browser, separated by commas, such as https://app.example.com. None when empty.',
  ),
  BASE_PATH: path().describe(
    'Path of the API, such as /api, behind a proxy or gateway that forwards the whole path; links contain it. None when empty.',
  ),
  ADMIN_ROUTES: oneOf('auto', ['on', 'off', 'auto']).describe(
    'Whether the API has the routes that change data: datasets, aliases, versions, keys; auto: where HOST is loopback or keys are required, and not in Lambda.',
  ),
  SHUTDOWN_GRACE_MS: integer(10_000, 0, 3_600_000).describe(
    'Milliseconds that open requests may take when the server stops.',
  ),
  STORE: oneOf('local', ['local', 'aws']).describe(
    'Where models and datasets are stored: in MODEL_DIR and DATA_DIR, or in S3.',
  ),
  S3_BUCKET: text('').describe('Bucket of the models and datasets, on AWS.'),
  S3_PREFIX: text('').describe('Prefix of all keys in the bucket, such as lapidary/.'),
  AWS_ENDPOINT_URL: text('').describe(
    'Endpoint of an AWS emulator; the path then contains the bucket.',
  ),
  ACCESS_TABLE: text('').describe(
    'DynamoDB table of the clients, keys, plans and usage, shared by servers and functions; in DATA_DIR when empty.',
  ),
  JOBS_TABLE: text('').describe('DynamoDB table of the jobs, on AWS.'),
  JOBS_QUEUE_URL: text('').describe('SQS queue that notifies the trainer of jobs, on AWS.'),
  TRAINING_SAGEMAKER_BYTES: integer(0, 0, 2 ** 50).describe(
    'Bytes above which a training runs on SageMaker; 0: never.',
  ),
  SAGEMAKER_IMAGE: text('').describe('Image in ECR that SageMaker runs: this one.'),
  SAGEMAKER_ROLE_ARN: text('').describe('Role of the training jobs on SageMaker.'),
  SAGEMAKER_INSTANCE_TYPE: text('ml.m5.xlarge').describe('Instance type of the training jobs.'),
  SAGEMAKER_VOLUME_GB: integer(30, 1, 16_384).describe('Disk of the training jobs, in gigabytes.'),
  SAGEMAKER_MAX_RUNTIME_S: integer(86_400, 60, 2_419_200).describe(
    'Seconds after which SageMaker stops a training job.',
  ),
  SAGEMAKER_OUTPUT_URI: text('').describe(
    'Output of SageMaker, s3://…, which it requires; nothing is written there.',
  ),
} as const satisfies Record<string, Setting<string | number>>;

function setting<Value>(fallback: Value, parse: (text: string) => Value, suffix = '') {
  return {
    describe: (description: string): Setting<Value> => ({
      default: fallback,
      description: description + suffix,
      parse,
    }),
  };
}

function text(fallback: string) {
  return setting(fallback, (given) => given);
}

/** @param wanted describes the items, for the error */
function list(isValid: (item: string) => boolean, wanted: string) {
  return setting('', (given) => {
    const items = given.split(',').map((item) => item.trim());
    const invalid = items.find((item) => !isValid(item));
    if (invalid === undefined) return items.join(',');
    throw new Error(`must name ${wanted}, not "${invalid}"`);
  });
}

function isOrigin(text: string): boolean {
  return !text.includes('*') && URL.canParse(text) && new URL(text).origin === text;
}

function isRange(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  const most = version === 4 ? 32 : 128;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
}

function path() {
  return setting('', (given) => {
    if (/^(\/[\w.~-]+)+$/.test(given)) return given;
    throw new Error(`must be a path such as /api, without a slash at its end, not "${given}"`);
  });
}

function oneOf(fallback: string, allowed: readonly string[]) {
  const names = allowed.join(', ');
  const parse = (given: string) => {
    if (allowed.includes(given)) return given;
    throw new Error(`must be one of ${names}, not "${given}"`);
  };
  return setting(fallback, parse, ` One of ${names}.`);
}

function integer(fallback: number, minimum: number, maximum: number) {
  return setting(fallback, (given) => {
    const value = Number(given);
    if (Number.isInteger(value) && value >= minimum && value <= maximum) return value;
    throw new Error(`must be a whole number from ${minimum} to ${maximum}, not "${given}"`);
  });
}
