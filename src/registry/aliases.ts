import { LapidaryError } from '../core/errors.js';
import type { AliasTarget } from './port.js';

/** The alias whose version serves. */
export const CHAMPION = 'champion';
/** The alias of a version on trial. */
export const CHALLENGER = 'challenger';

/** Returns the aliases that point to a version. */
export function aliasesOf(aliases: ReadonlyMap<string, AliasTarget>, id: string): string[] {
  return [...aliases].filter(([, { version }]) => version === id).map(([alias]) => alias);
}

/** @throws LapidaryError `invalid_request` for a target that this alias cannot have */
export function checkTarget(alias: string, { share, shadow }: AliasTarget): void {
  if (share !== undefined && !(share >= 0 && share <= 1))
    throw new LapidaryError('invalid_request', 'share must be a number from 0 to 1');
  if ((share !== undefined || shadow !== undefined) && alias !== CHALLENGER)
    throw new LapidaryError('invalid_request', `share and shadow require the alias ${CHALLENGER}`);
  if (share !== undefined && shadow)
    throw new LapidaryError('invalid_request', 'share and shadow exclude each other');
}

/** Returns why an alias cannot be removed; undefined when it can be. */
export function refusalToRemove(alias: string): LapidaryError | undefined {
  if (alias !== CHAMPION) return undefined;
  const detail = 'the champion serves and can only be moved, not removed';
  return new LapidaryError('invalid_request', detail);
}

export const isSameTarget = (a: AliasTarget | undefined, b: AliasTarget | undefined) =>
  a?.version === b?.version && a?.share === b?.share && a?.shadow === b?.shadow;

export const modelNotFound = (model: string) =>
  new LapidaryError('model_not_found', `model "${model}" not found`);
