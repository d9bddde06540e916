/**
 * All errors of the API: code, HTTP status and title. A code is part of the API and never changes its meaning.
 */
export const ERRORS = {
  invalid_json: { status: 400, title: 'Request body is not valid JSON' },
  invalid_request: { status: 400, title: 'Request does not match its schema' },
  invalid_gzip: { status: 400, title: 'Gzip data damaged or truncated' },
  upload_interrupted: { status: 400, title: 'Upload interrupted' },
  unknown_event: { status: 400, title: 'Unknown event' },
  unauthenticated: { status: 401, title: 'Missing or invalid API key' },
  quota_exceeded: { status: 402, title: 'Monthly quota exceeded' },
  forbidden: { status: 403, title: 'Operation not allowed for this key' },
  plan_exceeded: { status: 403, title: 'Plan limit exceeded' },
  model_shared: { status: 403, title: 'Shared models are read-only' },
  cross_origin: { status: 403, title: 'Cross-origin request refused' },
  model_not_found: { status: 404, title: 'Model not found' },
  version_not_found: { status: 404, title: 'Version not found' },
  dataset_not_found: { status: 404, title: 'Dataset not found' },
  batch_not_found: { status: 404, title: 'Batch not found' },
  job_not_found: { status: 404, title: 'Job not found' },
  input_not_found: { status: 404, title: 'Input rows not found' },
  result_not_found: { status: 404, title: 'Result not found' },
  upload_not_found: { status: 404, title: 'Upload not found' },
  alias_not_found: { status: 404, title: 'Alias not found' },
  client_not_found: { status: 404, title: 'Client not found' },
  key_not_found: { status: 404, title: 'Key not found' },
  plan_not_found: { status: 404, title: 'Plan not found' },
  route_not_found: { status: 404, title: 'Route not found' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  request_timeout: { status: 408, title: 'Request timeout' },
  payload_too_large: { status: 413, title: 'Request body too large' },
  url_too_long: { status: 414, title: 'URL too long' },
  expectation_failed: { status: 417, title: 'Expectation not supported' },
  unsupported_media_type: { status: 415, title: 'Content type not supported' },
  unsupported_charset: { status: 415, title: 'Charset not supported' },
  invalid_instances: { status: 422, title: 'Invalid instances' },
  invalid_image: { status: 422, title: 'Invalid image' },
  invalid_spec: { status: 422, title: 'Invalid model spec' },
  invalid_model: { status: 422, title: 'Invalid model' },
  invalid_dataset: { status: 422, title: 'Invalid dataset' },
  invalid_schema: { status: 422, title: 'Invalid dataset schema' },
  training_diverged: { status: 422, title: 'Training diverged' },
  too_many_bad_rows: { status: 422, title: 'Too many invalid rows' },
  checksum_mismatch: { status: 422, title: 'Checksum mismatch' },
  idempotency_mismatch: { status: 422, title: 'Idempotency key was used for another request' },
  job_not_finished: { status: 409, title: 'Job not finished' },
  model_exists: { status: 409, title: 'Model already exists' },
  client_exists: { status: 409, title: 'Client already exists' },
  plan_built_in: { status: 409, title: 'Built-in plans are read-only' },
  model_protected: {
    status: 409,
    title: 'The model is defined by files and cannot be changed over the API',
  },
  version_conflict: { status: 409, title: 'Alias was moved by another request' },
  upload_incomplete: { status: 409, title: 'Upload incomplete' },
  version_in_use: { status: 409, title: 'Version in use' },
  too_many_jobs: { status: 409, title: 'Too many open jobs' },
  too_many_uploads: { status: 409, title: 'Too many open uploads' },
  no_previous_version: { status: 409, title: 'No previous version' },
  rate_limited: { status: 429, title: 'Rate limit exceeded' },
  share_exceeded: { status: 429, title: 'Too many concurrent requests' },
  headers_too_large: { status: 431, title: 'Request headers too large' },
  client_closed: { status: 499, title: 'Connection closed by the client' },
  job_abandoned: { status: 500, title: 'Job abandoned' },
  job_too_long: { status: 500, title: 'Job time limit exceeded' },
  not_implemented: { status: 501, title: 'Method or transfer coding not supported' },
  version_corrupt: { status: 503, title: 'Version cannot be loaded' },
  overloaded: { status: 503, title: 'Server overloaded' },
  timed_out: { status: 503, title: 'Request timed out' },
  not_ready: { status: 503, title: 'Service not ready' },
  storage_full: { status: 507, title: 'Storage full' },
  storage_unavailable: { status: 503, title: 'Storage unavailable' },
  http_version_not_supported: { status: 505, title: 'HTTP version not supported' },
  internal: { status: 500, title: 'Internal error' },
} as const;

export type ErrorCode = keyof typeof ERRORS;

/** Maximum faults in an error; validation stops there. */
export const MAX_FAULTS = 100;

/** A fault in the input: its place, its code and the remedy. */
export interface Fault {
  /** 0-based index of the instance in the request, or of the row in the dataset. */
  instance?: number;
  field?: string;
  code: string;
  message: string;
  /** The allowed values, where they can be listed. */
  allowed?: readonly string[];
}

/** Returns an error whose detail lists the faults with their fields. */
export function faultsError(code: ErrorCode, faults: readonly Fault[]): LapidaryError {
  const detail = faults.map(({ field, message }) => `${field}: ${message}`).join('; ');
  return new LapidaryError(code, detail, faults);
}

/** An error that is shown to the caller. Any other error is a bug and returns status 500. */
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
