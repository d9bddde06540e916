import { LapidaryError } from '../../core/errors.js';

const HINTS: Readonly<Record<string, string>> = {
  ResourceNotFoundException: 'table not found: check ACCESS_TABLE and JOBS_TABLE',
  AccessDeniedException:
    'access denied: docs/access.md and docs/aws-jobs.md list the required actions',
  CredentialsProviderError: 'credentials missing',
};
const OF_CONDITIONS = new Set([
  'ConditionalCheckFailedException',
  'TransactionCanceledException',
  'TransactionConflictException',
  'ValidationException',
]);

/** Decides whether an error is of a condition, which the caller handles, or a bug. */
export function isOfCondition(error: unknown): boolean {
  return OF_CONDITIONS.has((error as Error).name);
}

/** Describes an error without the messages of DynamoDB, which name accounts and roles; the cause is logged. */
export function unavailable(table: string, error: unknown): LapidaryError {
  const { name, message, code } = error as NodeJS.ErrnoException;
  // Messages of the network name no accounts.
  const reason = HINTS[name] ?? ('$fault' in (error as Error) ? name : message || code);
  const detail = `the table "${table}" cannot be used: ${reason}`;
  return new LapidaryError('storage_unavailable', detail, [], { cause: error });
}

/** Returns the reasons of a failed condition: of a transaction, one for each write. */
export function reasonsOf(error: unknown): string[] {
  const { name, CancellationReasons } = error as {
    name?: string;
    CancellationReasons?: { Code?: string }[];
  };
  if (name === 'TransactionCanceledException')
    return (CancellationReasons ?? []).map(({ Code }) => Code ?? '');
  return [name?.replace(/Exception$/, '') ?? ''];
}
