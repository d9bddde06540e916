import { type AccessServices, monthOf, usageCsv } from '../../access/index.js';
import { type Client, SCOPES, type Scope } from '../../access/port.js';
import { GRACE_S } from '../../access/schema.js';
import type { IssuedKey, ShownKey } from '../../access/service.js';
import { table } from '../../cards/index.js';
import { LapidaryError } from '../../core/errors.js';
import { allPages } from './all-pages.js';
import { note, print } from './output.js';

export async function listClients({ keys }: AccessServices, json?: true): Promise<void> {
  const items = await allPages((page) => keys.listClients(page));
  if (json) return print(JSON.stringify({ items }, null, 2));
  print(
    table([['client', 'plan', 'name'], ...items.map(({ id, plan, name }) => [id, plan, name])]),
  );
}

export async function createClient(
  { keys }: AccessServices,
  id: string,
  { name = id, plan, json }: { name?: string; plan: string; json?: true },
): Promise<void> {
  printClient(await keys.createClient({ id, name, plan }), json);
}

export async function changeClient(
  { keys }: AccessServices,
  id: string,
  { json, ...change }: { name?: string; plan?: string; json?: true },
): Promise<void> {
  printClient(await keys.changeClient(id, change), json);
}

export async function listKeys(
  { keys }: AccessServices,
  { client, json }: { client?: string; json?: true },
): Promise<void> {
  const filter = client === undefined ? {} : { client };
  const items = await allPages((page) => keys.listKeys(filter, page));
  if (json) return print(JSON.stringify({ items }, null, 2));
  const rows = items.map((key) => [
    key.id,
    key.client,
    key.scopes.join(' '),
    stateOf(key),
    key.lastUsedAt?.slice(0, 16).replace('T', ' ') ?? 'never',
  ]);
  print(table([['key', 'client', 'scopes', 'state', 'last used'], ...rows]));
}

export async function createKey(
  { keys }: AccessServices,
  client: string,
  { scopes, expires, json }: { scopes: string; expires?: string; json?: true },
): Promise<void> {
  printKey(await keys.createKey(client, parseScopes(scopes), expires), json);
}

export async function revokeKey({ keys }: AccessServices, id: string, json?: true): Promise<void> {
  const key = await keys.revokeKey(id);
  print(json ? JSON.stringify(key, null, 2) : `key ${key.id} is revoked since ${key.revokedAt}`);
}

export async function rotateKey(
  { keys }: AccessServices,
  id: string,
  { grace = GRACE_S, json }: { grace?: number; json?: true },
): Promise<void> {
  if (!Number.isInteger(grace) || grace < 0)
    throw new LapidaryError('invalid_request', '--grace must be a whole number of seconds');
  printKey(await keys.rotateKey(id, grace * 1000), json);
}

export async function plans({ keys }: AccessServices, json?: true): Promise<void> {
  const items = await keys.listPlans();
  if (json) return print(JSON.stringify({ items }, null, 2));
  const some = (limit: number | null) => (limit === null ? 'any' : String(limit));
  const rows = items.map((plan) => [
    plan.name,
    some(plan.requestsPerSecond),
    some(plan.predictionsPerMonth),
    some(plan.maxInstances),
    some(plan.trainingMinutesPerMonth),
    inUnits(plan.pricePerThousandPredictions, plan.currency),
    inUnits(plan.pricePerTrainingMinute, plan.currency),
  ]);
  const head = ['plan', 'requests/s', 'predictions/month', 'instances', 'training min/month'];
  print(table([[...head, 'per 1,000', 'per training min'], ...rows]));
}

export async function usage(
  { usage: service }: AccessServices,
  options: { month?: string; client?: string; csv?: true; json?: true },
): Promise<void> {
  const { month = monthOf(Date.now()), client, csv, json } = options;
  const items = await service.report(month, client);
  if (csv) return print(usageCsv(items).trimEnd());
  if (json) return print(JSON.stringify({ month, items }, null, 2));
  const rows = items.map(({ client: id, plan, totals, predictionsLeft, cost }) => [
    id,
    plan,
    String(totals.predictions),
    predictionsLeft === null ? 'any' : String(predictionsLeft),
    String(totals.storedBytes),
    String(totals.trainingSeconds),
    inUnits(cost.total, cost.currency),
  ]);
  const head = ['client', 'plan', 'predictions', 'left', 'bytes stored', 'training s', 'cost'];
  print(table([head, ...rows]));
}

/** Converts millionths of a currency to units, without rounding. */
export function inUnits(micros: string, currency: string): string {
  const text = micros.padStart(7, '0');
  const fraction = text.slice(-6).replace(/0{1,4}$/, '');
  return `${text.slice(0, -6)}.${fraction} ${currency}`;
}

function parseScopes(text: string): Scope[] {
  const scopes = [...new Set(text.split(',').map((scope) => scope.trim()))];
  const unknown = scopes.find((scope) => !(SCOPES as readonly string[]).includes(scope));
  if (unknown === undefined) return scopes as Scope[];
  throw new LapidaryError(
    'invalid_request',
    `scope "${unknown}" is unknown: use ${SCOPES.join(', ')}`,
  );
}

function stateOf({ revokedAt, expiresAt }: ShownKey): string {
  if (revokedAt !== undefined) return 'revoked';
  if (expiresAt === undefined) return 'valid';
  return `${Date.parse(expiresAt) > Date.now() ? 'until' : 'expired'} ${expiresAt.slice(0, 10)}`;
}

function printClient(client: Client, json?: true): void {
  print(json ? JSON.stringify(client, null, 2) : `client ${client.id}: plan ${client.plan}`);
}

/** Prints only the key to standard output, so that a pipe takes nothing else. */
function printKey({ key, ...shown }: IssuedKey, json?: true): void {
  if (!json)
    note(
      `key ${shown.id} of ${shown.client}: ${shown.scopes.join(', ')}. It cannot be shown again:`,
    );
  print(json ? JSON.stringify({ ...shown, key }, null, 2) : key);
}
