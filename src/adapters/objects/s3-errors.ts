import { LapidaryError } from '../../core/errors.js';

/** What S3 says of an object that is not there; a bucket that is not there is another matter. */
const MISSING = 'NoSuchKey';
/** A write with a condition came second. */
const TAKEN = 'PreconditionFailed';
/** A write with a condition met another that was under way: AWS says to try again. */
const CONTENDED = 'ConditionalRequestConflict';
/** A range begins behind the end. */
const BEYOND = 'InvalidRange';

const HINTS: Readonly<Record<string, string>> = {
  NoSuchBucket: 'there is no such bucket: S3_BUCKET names it',
  // S3 also answers so to who asks for a missing object and may not list the bucket.
  AccessDenied: 'access is denied: docs/aws.md lists the actions that are needed',
  PermanentRedirect: 'the bucket is in another region than AWS_REGION says',
  CredentialsProviderError: 'there are no credentials',
};

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

export const isMissing = (error: unknown): boolean => nameOf(error) === MISSING;
export const isTaken = (error: unknown): boolean => nameOf(error) === TAKEN;
export const isContended = (error: unknown): boolean => nameOf(error) === CONTENDED;
export const isBeyond = (error: unknown): boolean => nameOf(error) === BEYOND;

/** Whether it answers a request that the client had sent before. */
export function wasSentAgain(error: unknown): boolean {
  const { $metadata } = error as { $metadata?: { attempts?: number } };
  return ($metadata?.attempts ?? 2) > 1;
}

/**
 * Any other failure in our words. Those of S3 name accounts and keys, which callers are not told: they
 * are the cause, which is logged.
 */
export function unavailable(bucket: string, operation: string, error: unknown): LapidaryError {
  if (error instanceof LapidaryError) return error;
  const name = nameOf(error);
  const hint = HINTS[name] ?? (isOfService(error) ? name : textOf(error));
  const detail = `the bucket "${bucket}" cannot be used (${operation}): ${hint}`;
  return new LapidaryError('storage_unavailable', detail, [], { cause: error });
}

/** Whether S3 said it, not the way there. */
function isOfService(error: unknown): boolean {
  return error instanceof Error && '$fault' in error;
}

/** When all addresses of a host fail there is a code, and no message. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || ((error as NodeJS.ErrnoException).code ?? error.name);
}
