import { type ErrorCode, LapidaryError } from './errors.js';

/** Codes of a full disk or an exhausted disk quota. */
const FULL = new Set(['ENOSPC', 'EDQUOT']);

/** Codes of a disk that cannot be used, with the reason. */
const REASONS: Readonly<Record<string, string>> = {
  EROFS: 'it is read-only',
  EIO: 'input/output error',
  ENOTDIR: 'a part of its path is not a directory',
  ENOENT: 'a file or directory is missing and cannot be made',
  EACCES: 'access is denied',
  EPERM: 'access is denied',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
};

/**
 * Translates a failure of the storage for the caller. Paths are left to the log.
 * @param doing what the caller was doing; a read that has to write first fails on a full disk too
 * @returns undefined for an error that is not from the storage
 */
export function storageFailure(
  error: unknown,
  doing: 'reading' | 'writing',
): LapidaryError | undefined {
  const { code } = Object(error) as { code?: unknown };
  if (typeof code !== 'string') return undefined;
  const fail = (as: ErrorCode, detail: string) =>
    new LapidaryError(as, detail, [], { cause: error });
  if (FULL.has(code)) {
    if (doing === 'reading') return fail('storage_unavailable', 'the storage is full');
    return fail(
      'storage_full',
      'the storage is full: nothing was stored; free some space and send the request again',
    );
  }
  if (!Object.hasOwn(REASONS, code)) return undefined;
  return fail('storage_unavailable', `the storage cannot be used: ${REASONS[code]}`);
}
