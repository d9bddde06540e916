import { isIP } from 'node:net';

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
  LOG_FORMAT: oneOf(
    'auto',
    ['auto', 'json', 'text'],
    'Form of log lines: json for programs, text for people; auto: text on a terminal.',
  ),
  MODEL_DIR: text('model', 'Directory of the models: specs, versions and aliases.'),
  MODEL_REFRESH_S: integer(
    30,
    0,
    86_400,
    'How often, in seconds, what is served is compared with where the aliases point; 0 does so on each request, which waits for it.',
  ),
  BODY_LIMIT_BYTES: integer(10 * 2 ** 20, 1, 2 ** 31, 'Largest request body.'),
  DATA_DIR: text(
    '.data',
    'Directory of the datasets, the jobs, the batch predictions, the keys and the usage.',
  ),
  BATCH_LIMIT_BYTES: integer(
    4 * 2 ** 30,
    1,
    2 ** 40,
    'Largest batch of a dataset, or of rows to predict, unpacked.',
  ),
  MAX_BAD_PERCENT: integer(
    10,
    0,
    100,
    "Largest percentage of a batch's rows that may be bad, unless its dataset says otherwise; of rows to predict, too.",
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
  MAX_OPEN_UPLOADS: integer(
    10,
    1,
    100_000,
    'Uploads in parts that a client may have open at a time.',
  ),
  RESULT_LIFE_HOURS: integer(
    168,
    1,
    87_600,
    'How long the rows and the result of a batch prediction are kept.',
  ),
  JOB_WORKERS: integer(
    1,
    0,
    64,
    'Processes beside the server for each kind of job, from its first job on; 0 when lapidary worker does the jobs.',
  ),
  JOB_POLL_S: integer(
    5,
    1,
    3600,
    'How often, in seconds, workers that have nothing to do, and servers that have none yet, look for jobs.',
  ),
  JOB_LEASE_S: integer(
    60,
    1,
    3600,
    'How long, in seconds, a job stays with a worker that is not heard of.',
  ),
  TRAINING_MAX_S: integer(
    21_600,
    1,
    2_419_200,
    'How long, in seconds, a training may take; then it fails.',
  ),
  MAX_JOBS: integer(
    1000,
    1,
    1_000_000,
    'Jobs of a client that are kept; the oldest that has ended makes room for the next, with its log and result.',
  ),
  JOB_MAX_ATTEMPTS: integer(3, 1, 100, 'How often a job is begun whose workers die.'),
  MAX_INSTANCES: integer(10_000, 1, 1_000_000, 'Most instances in one prediction request.'),
  MAX_REQUESTS: integer(
    1000,
    0,
    1_000_000,
    'Requests that the server answers at the same time; what comes beyond is answered 503. 0: any number.',
  ),
  CLIENT_SHARE_PERCENT: integer(
    25,
    1,
    100,
    'Percentage of MAX_REQUESTS and MAX_HELD_BYTES that one client may take up at a time; what comes beyond is answered 429. Where no keys are asked for, an address is a client, unless it is loopback or private.',
  ),
  MAX_HELD_BYTES: integer(
    512 * 2 ** 20,
    0,
    2 ** 40,
    'Bytes of request bodies that the server holds in memory at the same time; what comes beyond is answered 503. 0: any number.',
  ),
  TRUSTED_PROXIES: ranges(
    'Proxies in front of the server, as addresses or CIDRs with commas between, such as 10.0.0.0/8: behind them the rightmost address of X-Forwarded-For that is not a proxy is the client. None when empty.',
  ),
  MAX_DELAY_MS: integer(
    1000,
    0,
    3_600_000,
    'How late the server may get to what is due before it answers 503 to what comes. 0: any time.',
  ),
  HANDLER_TIMEOUT_S: integer(
    30,
    0,
    86_400,
    'How long the server works on an answer before it answers 503; predictions, fits and what is streamed have no limit. 0: any time.',
  ),
  HEADERS_TIMEOUT_S: integer(
    15,
    0,
    3600,
    'How long, in seconds, the headers of a request may take to come. 0: any time.',
  ),
  IDLE_TIMEOUT_S: integer(
    30,
    0,
    3600,
    'How long, in seconds, a client may take to send 16 KiB of a body, or to take as much of an answer, before the server hangs up. 0: any time.',
  ),
  ACCESS: oneOf(
    'auto',
    ['auto', 'keys', 'open'],
    'Who may call: clients with a key, or everyone (open); auto: keys, unless HOST is loopback.',
  ),
  INVOCATIONS_MODEL: text(
    '',
    'Model that the server answers POST /invocations with, as SageMaker asks its endpoints; only without API keys. None when empty.',
  ),
  ACCESS_CACHE_S: integer(
    5,
    0,
    3600,
    'How long, in seconds, a key that was good is taken without looking again: a revoked one works as long.',
  ),
  CORS_ORIGINS: origins(
    'Sites whose pages may call the API from a browser, with commas between, such as https://app.example.com; none when empty.',
  ),
  BASE_PATH: path(
    'Path that the API is served below, such as /api, where a proxy or gateway hands on the whole path; links have it. None when empty.',
  ),
  ADMIN_ROUTES: oneOf(
    'auto',
    ['on', 'off', 'auto'],
    'Whether the API has the routes that change things: datasets, aliases, versions, keys; auto: when HOST is loopback or keys are asked for, and not in Lambda.',
  ),
  SHUTDOWN_GRACE_MS: integer(
    10_000,
    0,
    3_600_000,
    'How long running requests may take when the server stops.',
  ),
  STORE: oneOf(
    'local',
    ['local', 'aws'],
    'Where models and datasets are kept: in MODEL_DIR and DATA_DIR, or in S3.',
  ),
  S3_BUCKET: text('', 'Bucket of the models and datasets, on AWS.'),
  S3_PREFIX: text('', 'What all keys in the bucket begin with, such as lapidary/.'),
  AWS_ENDPOINT_URL: text(
    '',
    'Where an emulator of AWS answers; the bucket is then named in the path.',
  ),
  ACCESS_TABLE: text(
    '',
    'DynamoDB table of the clients, keys, plans and usage, which servers and functions share; without one they are in DATA_DIR.',
  ),
  JOBS_TABLE: text('', 'DynamoDB table of the jobs, on AWS.'),
  JOBS_QUEUE_URL: text('', 'SQS queue that tells the trainer of jobs, on AWS.'),
  TRAINING_SAGEMAKER_BYTES: integer(
    0,
    0,
    2 ** 50,
    'A training that reads more bytes than this is done on SageMaker; 0 when none is.',
  ),
  SAGEMAKER_IMAGE: text('', 'Image in ECR that SageMaker runs: this one.'),
  SAGEMAKER_ROLE_ARN: text('', 'Role of the training jobs on SageMaker.'),
  SAGEMAKER_INSTANCE_TYPE: text('ml.m5.xlarge', 'Machine of the training jobs on SageMaker.'),
  SAGEMAKER_VOLUME_GB: integer(30, 1, 16_384, 'Its disk, in gigabytes.'),
  SAGEMAKER_MAX_RUNTIME_S: integer(
    86_400,
    60,
    2_419_200,
    'How long, in seconds, a training job on SageMaker may take.',
  ),
  SAGEMAKER_OUTPUT_URI: text(
    '',
    'Where SageMaker may write, s3://…; it asks for one, and nothing of ours goes there.',
  ),
} as const satisfies Record<string, Setting<string | number>>;

function text(fallback: string, description: string): Setting<string> {
  return { default: fallback, description, parse: (given) => given };
}

function origins(description: string): Setting<string> {
  return {
    default: '',
    description,
    parse(given) {
      const named = given.split(',').map((origin) => origin.trim());
      const wrong = named.find(
        (each) => each.includes('*') || !URL.canParse(each) || new URL(each).origin !== each,
      );
      if (wrong === undefined) return named.join(',');
      throw new Error(`must name whole origins such as https://app.example.com, not "${wrong}"`);
    },
  };
}

function path(description: string): Setting<string> {
  return {
    default: '',
    description,
    parse(given) {
      if (/^(\/[\w.~-]+)+$/.test(given)) return given;
      throw new Error(`must be a path such as /api, without a slash at its end, not "${given}"`);
    },
  };
}

function ranges(description: string): Setting<string> {
  return {
    default: '',
    description,
    parse(given) {
      const named = given.split(',').map((range) => range.trim());
      const wrong = named.find((each) => !isRange(each));
      if (wrong === undefined) return named.join(',');
      throw new Error(`must name addresses or CIDRs such as 10.0.0.0/8, not "${wrong}"`);
    },
  };
}

function isRange(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  return (
    bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
  );
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
