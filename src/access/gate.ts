import { parseInstant } from '../core/instant.js';
import { isSecretOf, parseKey } from './keys.js';
import { builtInPlan, type Plan } from './plans.js';
import type { AccessStore, Key, Scope } from './port.js';
import { isValid } from './service.js';

/** Who was let in. */
export interface Caller {
  client: string;
  plan: Plan;
  /** The id of the key. */
  key: string;
  scopes: readonly Scope[];
}

/** What a gateway in front of us says of who calls: what {@link Gate.decide} told it. */
export interface Identity {
  client: string;
  key: string;
  scopes: readonly Scope[];
}

export type Decision =
  /** There is no caller where somebody else has decided: IAM, on who may invoke a function. */
  | { allowed: true; caller: Caller | null }
  | { allowed: false; code: 'unauthenticated' | 'forbidden'; detail: string };

export interface Question {
  /** The text of a key; undefined when there was none. */
  key: string | undefined;
  /** What it has to be good for, one of them; left out, it need only be valid. */
  scopes?: readonly Scope[];
}

interface Remembered {
  decision: { allowed: true; caller: Caller };
  until: number;
}

const REMEMBERED_KEYS = 10_000;
/** A key's last use is kept to this precision: it is no reason to write more often. */
const USE_PRECISION_MS = 60_000;

/** Decides who is let in: the one decision of every host. */
export class Gate {
  /**
   * Decisions by the text of the key. How long it takes to find one tells nothing about others: it is found by
   * a hash that nobody outside can know.
   */
  private readonly remembered = new Map<string, Remembered>();
  private readonly callers = new Map<string, { caller: Caller; until: number }>();

  constructor(
    private readonly store: AccessStore,
    private readonly rememberMs: number,
    private readonly now: () => number = Date.now,
  ) {}

  /** Waits for nothing while it remembers the key. Only what was allowed is remembered. */
  decide({ key, scopes }: Question): Decision | Promise<Decision> {
    if (key === undefined) return NO_KEY;
    const remembered = this.remembered.get(key);
    if (remembered !== undefined && this.now() < remembered.until)
      return withScope(remembered.decision, scopes);
    return this.lookUp(key).then((decision) => withScope(decision, scopes));
  }

  /**
   * Who it is that a gateway has let in. Its word is taken for the key and the scopes, which is what it looked
   * up; the plan is the client's of now.
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
    // At once: where the store is not on this machine, each look is a way there and back.
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
    // A store that cannot be written to, as on a full disk, does not shut callers out.
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
  'send a key, as Authorization: Bearer KEY or as X-API-Key: KEY',
);
const UNKNOWN = denied('unauthenticated', 'there is no such key');
const EXPIRED = denied('unauthenticated', 'the key has expired');
const REVOKED = denied('unauthenticated', 'the key was revoked');

function withScope(decision: Decision, needed: readonly Scope[] | undefined): Decision {
  if (!decision.allowed || decision.caller === null || needed === undefined) return decision;
  const { scopes } = decision.caller;
  if (needed.some((scope) => scopes.includes(scope))) return decision;
  const what = needed.join(' or ');
  return denied('forbidden', `this needs the scope ${what}; the key has ${scopes.join(', ')}`);
}

function remember<Value>(memory: Map<string, Value>, key: string, value: Value): void {
  // The oldest goes: a map keeps the order in which its entries came.
  if (memory.size >= REMEMBERED_KEYS) memory.delete(memory.keys().next().value!);
  memory.set(key, value);
}
