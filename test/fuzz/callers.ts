import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import type { AccessServices } from '../../src/access/open.js';
import { builtInPlan } from '../../src/access/plans.js';
import { SCOPES } from '../../src/access/port.js';
import type { FuzzRequest } from './exchange.js';
import type { Knowledge } from './knowledge.js';
import { oddText } from './values/odd.js';

const LIMITED = new Set(['poor', 'tight']);

type Key = NonNullable<FuzzRequest['key']>;

/** What a client may do with what is its own; a key for admins works on what all share. */
const OWN_SCOPES = SCOPES.filter((scope) => scope !== 'admin');

/** Predictions a month of the client whose quota a run is to exceed. */
const TIGHT = 30;

/** Keys of all kinds; those who call in a run. */
export interface Callers {
  keys: readonly Key[];
  /** The client of a key, by the key's name. */
  clients: ReadonlyMap<string, string>;
  /** The key that may do everything with what all share, and one that may with what is its own. */
  strong: readonly Key[];
}

/** Clients and keys that are there before a run begins; the run knows none of their ids. */
export async function newCallers({ keys }: AccessServices): Promise<Callers> {
  const made: Key[] = [];
  const clients = new Map<string, string>();
  const issue = async (name: string, client: string, ...rest: CreateRest) => {
    const issued = await keys.createKey(client, ...rest);
    made.push({ name, text: issued.key });
    clients.set(name, client);
    return issued;
  };
  const { name: _name, ...terms } = builtInPlan('unlimited')!;
  await keys.putPlan('tight', { ...terms, predictionsPerMonth: TIGHT });
  for (const [id, plan, scopes] of [
    ['first', 'unlimited', SCOPES],
    ['second', 'unlimited', OWN_SCOPES],
    ['poor', 'free', OWN_SCOPES],
    ['tight', 'tight', OWN_SCOPES],
  ] as const) {
    await keys.createClient({ id, name: id, plan });
    await issue(id, id, scopes);
  }
  for (const scope of SCOPES) await issue(`first-${scope}`, 'first', [scope]);
  const { id } = await issue('revoked', 'first', SCOPES);
  await keys.revokeKey(id);
  await issue('expired', 'first', SCOPES, new Date(Date.now() + 5).toISOString());
  await pause(10);
  return { keys: made, clients, strong: made.filter(({ name }) => /^(first|second)$/.test(name)) };
}
type CreateRest = [scopes: readonly (typeof SCOPES)[number][], expiresAt?: string];

/** Keys to call with: mostly good ones; also weak, dead and wrong ones, and such as the run was issued. */
export function keysOf(
  { keys, strong }: Callers,
  knowledge: Knowledge,
): fc.Arbitrary<Key | undefined> {
  const issued = [...knowledge.keys].map(([name, text]) => ({ name, text }));
  const wrong = fc
    .oneof(oddText, fc.constant(`lap_${'0'.repeat(16)}_${'0'.repeat(49)}`))
    .map((text) => ({ name: 'wrong', text: text.replace(/[^!-~]/g, '') }));
  return fc.oneof(
    { weight: 14, arbitrary: fc.constantFrom(...strong) },
    { weight: 4, arbitrary: fc.constantFrom(...keys) },
    { weight: 2, arbitrary: fc.constantFrom(...keys.filter(({ name }) => LIMITED.has(name))) },
    { weight: 1, arbitrary: fc.constantFrom(undefined, ...issued) },
    { weight: 1, arbitrary: wrong },
  );
}
