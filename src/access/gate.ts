import { parseInstant } from '../core/instant.js';
import { isSecretOf, parseKey } from './keys.js';
import { builtInPlan, type Plan } from './plans.js';
import type { AccessStore, Key, Scope } from './port.js';
import { isValid } from './service.js';

/** An authorised caller. */
export interface Caller {
  client: string;
  plan: Plan;
  /** The id of the key. */
  key: string;
  scopes: readonly Scope[];
}

/** A caller that the authorizer of a gateway has identified by {@link Gate.decide}. */
export type Identity = Omit<Caller, 'plan'>;

export type Decision =
  /** The caller is null where IAM has authorised the invocation. */
  | { allowed: true; caller: Caller | null }
  | { allowed: false; code: 'unauthenticated' | 'forbidden'; detail: string };

export interface Question {
  /** The API key; undefined when the request has none. */
  key: string | undefined;
  /** Scopes of which the key needs one; any valid key by default. */
  scopes?: readonly Scope[];
}

interface Remembered {
  decision: { allowed: true; caller: Caller };
  until: number;
}

const REMEMBERED_KEYS = 10_000;
/** Precision of a key's last use: it is not written more often. */
const USE_PRECISION_MS = 60_000;

/** Authorises callers, for every host. */
export class Gate {
  /**
   * Decisions by API key. The time of a lookup reveals nothing about other keys: V8 hashes with a random seed.
   */
  private readonly remembered = new Map<string, Remembered>();
  private readonly callers = new Map<string, { caller: Caller; until: number }>();

  constructor(
    private readonly store: AccessStore,
    private readonly rememberMs: number,
    private readonly now: () => number = Date.now,
  ) {}

  /** Decides at once for a cached key. Only positive decisions are cached. */
  decide({ key, scopes }: Question): Decision | Promise<Decision> {
    if (key === undefined) return NO_KEY;
    const remembered = this.remembered.get(key);
    if (remembered !== undefined && this.now() < remembered.until)
      return withScope(remembered.decision, scopes);
    return this.lookUp(key).then((decision) => withScope(decision, scopes));
  }

  /**
   * Decides for a caller that a gateway has authorised. Key and scopes are taken from the gateway; the plan is read.
   */
  async admit({ client, key, scopes }: Identity, needed?: readonly Scope[]): Promise<Decision> {
    let known = this.callers.get(key);
    if (known === undefined || this.now() >= known.until) {
      const plan = await this.planOf(client);
      if (plan === undefined) return UNKNOWN;
      known = { caller: { client, plan, key, scopes }, until: this.now() + this.rememberMs };
      remember(this.callers, key, known);
    }
    return withScope({ allowed: true, caller: { ...known.caller, scopes } }, needed);
  }

  private async lookUp(text: string): Promise<Decision> {
    this.remembered.delete(text);
    const presented = parseKey(text);
    const key = presented && (await this.store.readKey(presented.id));
    if (!key || !isSecretOf(presented.secret, key.hash)) return UNKNOWN;
    const now = this.now();
    if (!isValid(key, now)) return key.revokedAt === undefined ? EXPIRED : REVOKED;
    // In parallel: each read of a remote store is a round trip.
    const [plan] = await Promise.all([this.planOf(key.client), this.noteUse(key, now)]);
    if (plan === undefined) return UNKNOWN;
    const { id, client, scopes, expiresAt } = key;
    const decision = { allowed: true as const, caller: { client, plan, key: id, scopes } };
    const until = Math.min(now + this.rememberMs, parseInstant(expiresAt ?? '') || Infinity);
    remember(this.remembered, text, { decision, until });
    return decision;
  }

  private async planOf(client: string): Promise<Plan | undefined> {
    const found = await this.store.readClient(client);
    return found && (builtInPlan(found.plan) ?? (await this.store.readPlan(found.plan)));
  }

  private async noteUse({ id, lastUsedAt }: Key, now: number): Promise<void> {
    if (lastUsedAt !== undefined && now - Date.parse(lastUsedAt) < USE_PRECISION_MS) return;
    // A store that cannot be written, as on a full disk, must not lock callers out.
    await this.store.noteKeyUse(id, new Date(now).toISOString()).catch(() => undefined);
  }
}

const denied = (code: 'unauthenticated' | 'forbidden', detail: string): Decision => ({
  allowed: false,
  code,
  detail,
});
const NO_KEY = denied(
  'unauthenticated',
  'API key missing: send Authorization: Bearer KEY or X-API-Key: KEY',
);
const UNKNOWN = denied('unauthenticated', 'unknown API key');
const EXPIRED = denied('unauthenticated', 'the API key has expired');
const REVOKED = denied('unauthenticated', 'the API key was revoked');

function withScope(decision: Decision, needed: readonly Scope[] | undefined): Decision {
  if (!decision.allowed || decision.caller === null || needed === undefined) return decision;
  const { scopes } = decision.caller;
  if (needed.some((scope) => scopes.includes(scope))) return decision;
  const what = needed.join(' or ');
  return denied(
    'forbidden',
    `the operation needs the scope ${what}; the key has ${scopes.join(', ')}`,
  );
}

function remember<Value>(memory: Map<string, Value>, key: string, value: Value): void {
  // Evicts the oldest entry: a Map keeps insertion order.
  if (memory.size >= REMEMBERED_KEYS) memory.delete(memory.keys().next().value!);
  memory.set(key, value);
}
