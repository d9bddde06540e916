import { LapidaryError } from '../core/errors.js';
import type { AliasTarget, RegistryStore } from './port.js';

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

/** Returns the next target of an alias by its current one; undefined removes the alias. */
export type ChooseTarget = (
  current: AliasTarget | undefined,
) => AliasTarget | undefined | Promise<AliasTarget | undefined>;

/** Attempts at a move that conflicts with concurrent moves. */
const ATTEMPTS = 10;

/**
 * Moves an alias, and retries conflicts unless a version is expected.
 * @param expected the version that the alias must point to now, null for none; not checked when undefined
 * @returns the new target
 * @throws LapidaryError `version_conflict`
 */
export async function moveAlias(
  store: RegistryStore,
  model: string,
  alias: string,
  expected: string | null | undefined,
  choose: ChooseTarget,
): Promise<AliasTarget | undefined> {
  for (let attempt = 1; ; attempt++) {
    const current = await store.readAlias(model, alias);
    const next = await choose(current);
    const from = expected === undefined ? current?.version : (expected ?? undefined);
    if (from === current?.version && isSameTarget(current, next)) return next;
    try {
      await store.moveAlias(model, alias, from, next);
      return next;
    } catch (error) {
      const isConflict = error instanceof LapidaryError && error.code === 'version_conflict';
      if (!isConflict || expected !== undefined || attempt === ATTEMPTS) throw error;
    }
  }
}

const isSameTarget = (a: AliasTarget | undefined, b: AliasTarget | undefined) =>
  a?.version === b?.version && a?.share === b?.share && a?.shadow === b?.shadow;

export const modelNotFound = (model: string) =>
  new LapidaryError('model_not_found', `model "${model}" not found`);
