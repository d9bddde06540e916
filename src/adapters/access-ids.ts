import { LapidaryError } from '../core/errors.js';

/** Decides whether text can be the id of a client or key, or the name of a plan. */
export function isAccessId(id: string): boolean {
  return /^[A-Za-z0-9-]{1,64}$/.test(id);
}

/** @throws LapidaryError `invalid_request` for an invalid cursor */
export function requireCursor(cursor: string | undefined): void {
  if (cursor !== undefined && !isAccessId(cursor))
    throw new LapidaryError('invalid_request', `invalid cursor "${cursor}"`);
}
