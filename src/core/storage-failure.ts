import { type ErrorCode, LapidaryError } from './errors.js';

/** What the system says of a disk that has no room, for anybody or for this user. */
const FULL = new Set(['ENOSPC', 'EDQUOT']);

/** What it says of one that cannot be used, and why. */
const REASONS: Readonly<Record<string, string>> = {
  EROFS: 'it can only be read',
  EIO: 'it fails',
  EACCES: 'access is denied',
  EPERM: 'access is denied',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
};

/**
 * What a failure of the system means to a caller; paths are left to the log.
 * @param doing what a full disk prevents: writing alone, unless reading has to write, too
 * @returns undefined for an error that does not come from the storage
 */
export function storageFailure(
  error: unknown,
  doing: 'reading' | 'writing',
): LapidaryError | undefined {
  const { code } = Object(error) as { code?: unknown };
  if (typeof code !== 'string' || !(error instanceof Error)) return undefined;
  const fail = (as: ErrorCode, detail: string) =>
    new LapidaryError(as, detail, [], { cause: error });
  if (FULL.has(code)) {
    if (doing === 'reading') return fail('storage_unavailable', 'the storage is full');
    return fail(
      'storage_full',
      'the storage is full: nothing was kept; free some and send it again',
    );
  }
  if (!Object.hasOwn(REASONS, code)) return undefined;
  return fail('storage_unavailable', `the storage cannot be used: ${REASONS[code]}`);
}
