import type { Plan } from '../../access/index.js';
import { AMOUNTS, type Client, type DailyUsage, type Key, type Scope } from '../../access/port.js';
import { type Item, type Key as ItemKey, keyAt } from './dynamo.js';

/*
 * The items of the table, by partition key (pk) and sort key (sk):
 *
 *   clients              ID              a client
 *   plans                NAME            a plan of the operator, as JSON
 *   key#ID               key             a key
 *   keys                 ID              list entry of the key
 *   keys#CLIENT          ID              list entry of the client's key
 *   usage#MONTH          CLIENT          the client has usage in the month
 *   usage#MONTH#CLIENT   DAY#SHARD#MODEL a shard of its usage of the model on the day
 *   usage#stored#CLIENT  stored          the counted bytes that the client has stored
 *   counted#ID           counted         marks the record of this id as counted; expires
 *
 * Each key has a partition of its own: a caller that guesses ids does not slow down others. Lists are items written in one
 * transaction with the key rather than an index, which is eventually consistent: a new key is listed at once.
 *
 * DynamoDB removes items by the number in `expiresAt`. Expired keys stay, so their expiry has another name.
 */

export const CLIENTS = 'clients';
export const PLANS = 'plans';
export const KEYS = 'keys';
export const clientAt = (id: string): ItemKey => keyAt(CLIENTS, id);
export const planAt = (name: string): ItemKey => keyAt(PLANS, name);
export const apiKeyAt = (id: string): ItemKey => keyAt(`key#${id}`, 'key');
/** Returns the partition that lists the keys of a client, or all keys. */
export const keysOf = (client?: string): string =>
  client === undefined ? KEYS : `${KEYS}#${client}`;

export function clientItem({ id, name, plan }: Client): Item {
  return { ...clientAt(id), name: { S: name }, plan: { S: plan } };
}

export function toClient({ sk, name, plan }: Item): Client {
  return { id: sk!.S!, name: name!.S!, plan: plan!.S! };
}

export function keyItem(key: Key): Item {
  const { id, prefix, hash, client, scopes, createdAt, expiresAt, revokedAt, lastUsedAt } = key;
  return {
    ...apiKeyAt(id),
    prefix: { S: prefix },
    hash: { S: hash },
    client: { S: client },
    // A list keeps the order; a set does not.
    scopes: { L: scopes.map((scope) => ({ S: scope })) },
    createdAt: { S: createdAt },
    ...(expiresAt !== undefined && { worksUntil: { S: expiresAt } }),
    ...(revokedAt !== undefined && { revokedAt: { S: revokedAt } }),
    ...(lastUsedAt !== undefined && { lastUsedAt: { S: lastUsedAt } }),
  };
}

export function toKey(item: Item): Key {
  const { worksUntil, revokedAt, lastUsedAt } = item;
  return {
    id: item.pk!.S!.slice('key#'.length),
    prefix: item.prefix!.S!,
    hash: item.hash!.S!,
    client: item.client!.S!,
    scopes: item.scopes!.L!.map(({ S }) => S as Scope),
    createdAt: item.createdAt!.S!,
    ...(worksUntil && { expiresAt: worksUntil.S! }),
    ...(revokedAt && { revokedAt: revokedAt.S! }),
    ...(lastUsedAt && { lastUsedAt: lastUsedAt.S! }),
  };
}

export function planItem(plan: Plan): Item {
  return { ...planAt(plan.name), terms: { S: JSON.stringify(plan) } };
}

export function toPlan(item: Item): Plan {
  return JSON.parse(item.terms!.S!) as Plan;
}

/** Returns the partition of the clients with usage in a month, or of one client's usage. */
export const usagePartition = (month: string, client?: string): string =>
  client === undefined ? `usage#${month}` : `usage#${month}#${client}`;
export const userAt = (month: string, client: string): ItemKey =>
  keyAt(usagePartition(month), client);
export const storedAt = (client: string): ItemKey => keyAt(`usage#stored#${client}`, 'stored');
export const countedAt = (id: string): ItemKey => keyAt(`counted#${id}`, 'counted');

export function sumAt(
  { client, model, day }: Pick<DailyUsage, 'client' | 'model' | 'day'>,
  shard: number,
): ItemKey {
  const name = `${day}#${String(shard).padStart(2, '0')}#${model}`;
  return keyAt(usagePartition(day.slice(0, 7), client), name);
}

/** Returns one shard of the usage of a model on a day. */
export function toPart(item: Item): Omit<DailyUsage, 'client'> {
  const [day, , ...model] = item.sk!.S!.split('#');
  const amounts = AMOUNTS.map((amount) => [amount, Number(item[amount]!.N)]);
  return { day: day!, model: model.join('#'), ...Object.fromEntries(amounts) };
}
