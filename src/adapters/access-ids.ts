import { LapidaryError } from '../core/errors.js';

/** What ids of clients and keys, and names of plans, are made of; anything else no store has. */
const ID = /^[A-Za-z0-9-]{1,64}$/;

export function isAccessId(id: string): boolean {
  return ID.test(id);
}

/** @throws LapidaryError `invalid_request` for what is no cursor */
export function requireCursor(cursor: string | undefined): void {
  if (cursor !== undefined && !isAccessId(cursor))
    throw new LapidaryError('invalid_request', `"${cursor}" is no cursor`);
}
