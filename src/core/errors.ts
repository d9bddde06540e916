/**
 * Every error a caller can meet, in one table: its stable code, the HTTP status it answers with and
 * its title. A code is part of the API and never changes its meaning.
 */
export const ERRORS = {
  invalid_json: { status: 400, title: 'The body is not valid JSON' },
  invalid_request: { status: 400, title: 'The request does not match its schema' },
  upload_interrupted: { status: 400, title: 'The body ended before it was whole' },
  unknown_event: { status: 400, title: 'The event is of no known kind' },
  unauthenticated: { status: 401, title: 'The request has no key that is valid' },
  quota_exceeded: { status: 402, title: 'The quota of the month is used up' },
  forbidden: { status: 403, title: 'The key may not do this' },
  plan_exceeded: { status: 403, title: 'The plan does not include this much' },
  model_shared: { status: 403, title: 'The model is shared by all clients' },
  cross_origin: { status: 403, title: 'A page of another site may not ask this' },
  model_not_found: { status: 404, title: 'No such model' },
  version_not_found: { status: 404, title: 'No such version' },
  dataset_not_found: { status: 404, title: 'No such dataset' },
  batch_not_found: { status: 404, title: 'No such batch' },
  job_not_found: { status: 404, title: 'No such job' },
  input_not_found: { status: 404, title: 'The rows to predict are gone' },
  result_not_found: { status: 404, title: 'The job has no result' },
  upload_not_found: { status: 404, title: 'No such upload' },
  alias_not_found: { status: 404, title: 'No such alias' },
  client_not_found: { status: 404, title: 'No such client' },
  key_not_found: { status: 404, title: 'No such key' },
  plan_not_found: { status: 404, title: 'No such plan' },
  route_not_found: { status: 404, title: 'No such route' },
  method_not_allowed: { status: 405, title: 'The route does not take this method' },
  request_timeout: { status: 408, title: 'The request came too slowly' },
  payload_too_large: { status: 413, title: 'The body is too large' },
  url_too_long: { status: 414, title: 'The path is too long' },
  expectation_failed: { status: 417, title: 'Expectation not supported' },
  unsupported_media_type: { status: 415, title: 'The body has the wrong content type' },
  unsupported_charset: { status: 415, title: 'Charset not supported' },
  invalid_instances: { status: 422, title: 'Some instances are invalid' },
  invalid_image: { status: 422, title: 'The image cannot be taken' },
  invalid_spec: { status: 422, title: 'The model spec is invalid' },
  invalid_model: { status: 422, title: 'The model cannot be taken' },
  invalid_dataset: { status: 422, title: 'The dataset is invalid' },
  invalid_schema: { status: 422, title: 'The schema of the dataset is invalid' },
  training_diverged: { status: 422, title: 'The training diverged' },
  too_many_bad_rows: { status: 422, title: 'Too many rows of the batch are bad' },
  checksum_mismatch: { status: 422, title: 'The bytes are not those that were sent' },
  idempotency_mismatch: { status: 422, title: 'The key was used for another request' },
  job_not_finished: { status: 409, title: 'The job has not ended yet' },
  model_exists: { status: 409, title: 'There is a model of that name' },
  client_exists: { status: 409, title: 'There is a client of that id' },
  plan_built_in: { status: 409, title: 'A built-in plan cannot be changed' },
  model_protected: { status: 409, title: 'The model is kept in files of people' },
  version_conflict: { status: 409, title: 'The alias was moved by somebody else' },
  upload_incomplete: { status: 409, title: 'The upload has other parts than were named' },
  version_in_use: { status: 409, title: 'An alias points to the version' },
  too_many_jobs: { status: 409, title: 'Too many open jobs' },
  too_many_uploads: { status: 409, title: 'Too many open uploads' },
  no_previous_version: { status: 409, title: 'There is no version to go back to' },
  rate_limited: { status: 429, title: 'The requests come too fast' },
  share_exceeded: { status: 429, title: 'Too many requests of one client at a time' },
  headers_too_large: { status: 431, title: 'The headers are too large' },
  client_closed: { status: 499, title: 'Connection closed by the client' },
  job_abandoned: { status: 500, title: 'The workers of the job died' },
  job_too_long: { status: 500, title: 'The job takes too long' },
  not_implemented: { status: 501, title: 'Method or transfer coding not supported' },
  version_corrupt: { status: 503, title: 'The version cannot be loaded' },
  overloaded: { status: 503, title: 'There is too much to do at the moment' },
  timed_out: { status: 503, title: 'The answer took too long' },
  not_ready: { status: 503, title: 'The service is not ready' },
  storage_full: { status: 507, title: 'Storage full' },
  storage_unavailable: { status: 503, title: 'The storage cannot be used' },
  http_version_not_supported: { status: 505, title: 'HTTP version not supported' },
  internal: { status: 500, title: 'Something broke on our side' },
} as const;

export type ErrorCode = keyof typeof ERRORS;

/** Faults that an error lists; what more there are is not looked for. */
export const MAX_FAULTS = 100;

/** One fault in the input: where it is, what it is, and what would have been right. */
export interface Fault {
  /** 0-based index of the instance in the request, or of the row in the dataset. */
  instance?: number;
  field?: string;
  code: string;
  message: string;
  /** The allowed values, where they can be listed. */
  allowed?: readonly string[];
}

/** An error that the caller is told about; anything else that is thrown is a bug and answers 500. */
export class LapidaryError extends Error {
  override readonly name = 'LapidaryError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly faults: readonly Fault[] = [],
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  get status(): number {
    return ERRORS[this.code].status;
  }
}
