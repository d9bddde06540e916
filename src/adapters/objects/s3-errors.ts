import { LapidaryError } from '../../core/errors.js';

/** The object is missing; a missing bucket has another code. */
const MISSING = 'NoSuchKey';
/** The condition of a write did not hold. */
const TAKEN = 'PreconditionFailed';
/** A conditional write met a concurrent one, and has to be retried. */
const CONTENDED = 'ConditionalRequestConflict';
/** A range begins behind the end of the object. */
const BEYOND = 'InvalidRange';

const HINTS: Readonly<Record<string, string>> = {
  NoSuchBucket: 'the bucket does not exist: check S3_BUCKET',
  // Also the answer for a missing object when the caller may not list the bucket.
  AccessDenied: 'access is denied: docs/aws.md lists the actions that are needed',
  PermanentRedirect: 'the bucket is in another region: check AWS_REGION',
  CredentialsProviderError: 'no credentials found',
};

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

export const isMissing = (error: unknown): boolean => nameOf(error) === MISSING;
export const isTaken = (error: unknown): boolean => nameOf(error) === TAKEN;
export const isContended = (error: unknown): boolean => nameOf(error) === CONTENDED;
export const isBeyond = (error: unknown): boolean => nameOf(error) === BEYOND;

/** Returns whether the error answers a request that the client had retried. */
export function wasSentAgain(error: unknown): boolean {
  const { $metadata } = error as { $metadata?: { attempts?: number } };
  return ($metadata?.attempts ?? 2) > 1;
}

/**
 * Translates any other error. The messages of S3 name accounts and keys, which callers must not get: the error is the
 * cause, which is logged.
 */
export function unavailable(bucket: string, operation: string, error: unknown): LapidaryError {
  if (error instanceof LapidaryError) return error;
  const name = nameOf(error);
  const hint = HINTS[name] ?? (isOfService(error) ? name : textOf(error));
  const detail = `the bucket "${bucket}" cannot be used (${operation}): ${hint}`;
  return new LapidaryError('storage_unavailable', detail, [], { cause: error });
}

/** Returns whether S3 answered with the error, as opposed to a network that failed. */
function isOfService(error: unknown): boolean {
  return error instanceof Error && '$fault' in error;
}

/** Returns the code where there is no message, as when all addresses of a host fail. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || ((error as NodeJS.ErrnoException).code ?? error.name);
}
