import { LapidaryError } from '../../core/errors.js';

const HINTS: Readonly<Record<string, string>> = {
  NoSuchBucket: 'bucket not found: check S3_BUCKET',
  // Also the answer for a missing object when the caller may not list the bucket.
  AccessDenied: 'access denied: docs/aws.md lists the required actions',
  PermanentRedirect: 'the bucket is in another region: check AWS_REGION',
  CredentialsProviderError: 'credentials missing',
};

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

const isNamed = (name: string) => (error: unknown) => nameOf(error) === name;
/** Decides whether an object is missing; a missing bucket has another code. */
export const isMissing = isNamed('NoSuchKey');
/** Decides whether the condition of a write did not hold. */
export const isTaken = isNamed('PreconditionFailed');
/** Decides whether a conditional write met a concurrent one, and must be retried. */
export const isContended = isNamed('ConditionalRequestConflict');
/** Decides whether a range begins after the end of the object. */
export const isBeyond = isNamed('InvalidRange');

/** Decides whether the failed request was a retry of the client. */
export function wasSentAgain(error: unknown): boolean {
  const { $metadata } = error as { $metadata?: { attempts?: number } };
  return ($metadata?.attempts ?? 2) > 1;
}

/** Translates any other error without the messages of S3, which name accounts and keys; the cause is logged. */
export function unavailable(bucket: string, operation: string, error: unknown): LapidaryError {
  if (error instanceof LapidaryError) return error;
  const name = nameOf(error);
  const hint = HINTS[name] ?? (isOfService(error) ? name : textOf(error));
  const detail = `the bucket "${bucket}" cannot be used (${operation}): ${hint}`;
  return new LapidaryError('storage_unavailable', detail, [], { cause: error });
}

/** Decides whether S3 returned the error, and not the network. */
function isOfService(error: unknown): boolean {
  return error instanceof Error && '$fault' in error;
}

/** Returns the message, or the code if it is empty, as when all addresses of a host fail. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || ((error as NodeJS.ErrnoException).code ?? error.name);
}
