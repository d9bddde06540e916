import { userInfo } from 'node:os';
import { type Command, Option } from 'commander';
import { type AccessServices, auditKeys, monthOf, usageCsv } from '../../access/index.js';
import { type Client, SCOPES, type Scope } from '../../access/port.js';
import { GRACE_S } from '../../access/schema.js';
import type { IssuedKey, ShownKey } from '../../access/service.js';
import { readConfig } from '../../compose/config.js';
import { compose } from '../../compose/index.js';
import { LapidaryError } from '../../core/errors.js';
import { uuidv7 } from '../../core/ids.js';
import { allPages } from './all-pages.js';
import { note, print, printJson, printTable } from './output.js';

type Json = { json?: true };

const KEYS_HELP = `
Example:
  $ npx lapidary clients create acme --name "Acme Ltd" --plan standard
  $ npx lapidary keys create acme --scopes predict,data`;

/** Adds the commands about clients, keys, plans and usage. They need no server. */
export function addAccessCommands(lapidary: Command): void {
  addClientCommands(lapidary.command('clients').description('List, create and change clients'));
  addKeyCommands(lapidary.command('keys').description('Issue, list, revoke and rotate keys'));
  lapidary
    .command('plans')
    .description('List the plans: limits and prices')
    .option('--json', 'print them as JSON')
    .action(withAccess(listPlans));
  lapidary
    .command('usage')
    .description('Show the usage of clients in a month, the remaining quotas and the cost')
    .option('--month <month>', 'such as 2026-01, UTC (default: the current month)')
    .option('--client <client>', 'usage of this client only')
    .option('--csv', 'print usage by day as CSV')
    .option('--json', 'print it as JSON')
    .action(withAccess(showUsage));
}

function addClientCommands(clients: Command): void {
  clients
    .command('list')
    .description('List the clients')
    .option('--json', 'print them as JSON')
    .action(
      withAccess(async ({ keys }, { json }: Json) => {
        const items = await allPages((page) => keys.listClients(page));
        if (json) return printJson({ items });
        const rows = items.map(({ id, plan, name }) => [id, plan, name]);
        printTable(['client', 'plan', 'name'], rows);
      }),
    );
  clients
    .command('create')
    .description('Add a client')
    .argument('<client>', 'id: lower-case letters, digits, hyphens')
    .option('--name <name>', 'display name (default: the id)')
    .option('--plan <plan>', 'its plan, as listed by lapidary plans', 'free')
    .option('--json', 'print it as JSON')
    .action(
      withAccess(async ({ keys }, id: string, options: Json & { name?: string; plan: string }) => {
        const { name = id, plan, json } = options;
        printClient(await keys.createClient({ id, name, plan }), json);
      }),
    );
  clients
    .command('change')
    .description('Rename a client or change its plan')
    .argument('<client>', 'its id')
    .option('--name <name>', 'new display name')
    .option('--plan <plan>', 'new plan')
    .option('--json', 'print it as JSON')
    .action(
      withAccess(async ({ keys }, id: string, options: Json & { name?: string; plan?: string }) => {
        const { json, ...change } = options;
        printClient(await keys.changeClient(id, change), json);
      }),
    );
}

function addKeyCommands(keys: Command): void {
  keys
    .command('list')
    .description('List the keys, without their secrets')
    .option('--client <client>', 'keys of this client only')
    .option('--json', 'print them as JSON')
    .action(withAccess(listKeys));
  keys
    .command('create')
    .description('Issue a key and print it; it cannot be shown again')
    .argument('<client>', 'the client that it belongs to')
    .addOption(
      new Option('--scopes <scopes>', 'predict, data, train, admin, separated by commas')
        .default('predict')
        .argParser(String),
    )
    .option('--expires <time>', 'when it expires, such as 2027-01-01T00:00:00Z')
    .option('--json', 'print it as JSON')
    .addHelpText('after', KEYS_HELP)
    .action(
      withAccess(
        async (access, client: string, options: Json & { scopes: string; expires?: string }) => {
          const { scopes, expires, json } = options;
          printKey(await access.keys.createKey(client, parseScopes(scopes), expires), json);
        },
      ),
    );
  keys
    .command('revoke')
    .description('Revoke a key; running servers refuse it within ACCESS_CACHE_S')
    .argument('<key>', 'its id')
    .option('--json', 'print it as JSON')
    .action(
      withAccess(async (access, id: string, { json }: Json) => {
        const key = await access.keys.revokeKey(id);
        if (json) printJson(key);
        else print(`key ${key.id} is revoked since ${key.revokedAt}`);
      }),
    );
  keys
    .command('rotate')
    .description('Issue a key with the same scopes; the old one stays valid for a while')
    .argument('<key>', 'the id of the old key')
    .option('--grace <seconds>', 'how long the old key stays valid', Number)
    .option('--json', 'print it as JSON')
    .action(
      withAccess(async (access, id: string, options: Json & { grace?: number }) => {
        const { grace = GRACE_S, json } = options;
        if (!Number.isInteger(grace) || grace < 0)
          throw new LapidaryError('invalid_request', '--grace must be a whole number of seconds');
        printKey(await access.keys.rotateKey(id, grace * 1000), json);
      }),
    );
}

/** Returns an action that opens access, whose changes are logged, and closes it afterwards. */
function withAccess<Args extends unknown[]>(
  run: (access: AccessServices, ...args: Args) => Promise<void>,
) {
  return async (...args: Args): Promise<void> => {
    const app = await compose(readConfig());
    const access = await app.access();
    const who = { by: { user: userInfo().username }, request: uuidv7() };
    const keys = auditKeys(access.keys, await app.audit(), who);
    try {
      await run({ ...access, keys }, ...args);
    } finally {
      await access.close();
    }
  };
}

async function listKeys(
  { keys }: AccessServices,
  { client, json }: Json & { client?: string },
): Promise<void> {
  const filter = client === undefined ? {} : { client };
  const items = await allPages((page) => keys.listKeys(filter, page));
  if (json) return printJson({ items });
  const rows = items.map((key) => [
    key.id,
    key.client,
    key.scopes.join(' '),
    stateOf(key),
    key.lastUsedAt?.slice(0, 16).replace('T', ' ') ?? 'never',
  ]);
  printTable(['key', 'client', 'scopes', 'state', 'last used'], rows);
}

async function listPlans({ keys }: AccessServices, { json }: Json): Promise<void> {
  const items = await keys.listPlans();
  if (json) return printJson({ items });
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
  const limits = ['requests/s', 'predictions/month', 'instances', 'training min/month'];
  printTable(['plan', ...limits, 'per 1,000', 'per training min'], rows);
}

async function showUsage(
  { usage }: AccessServices,
  options: Json & { month?: string; client?: string; csv?: true },
): Promise<void> {
  const { month = monthOf(Date.now()), client, csv, json } = options;
  const items = await usage.report(month, client);
  if (csv) return print(usageCsv(items).trimEnd());
  if (json) return printJson({ month, items });
  const rows = items.map(({ client: id, plan, totals, predictionsLeft, cost }) => [
    id,
    plan,
    String(totals.predictions),
    predictionsLeft === null ? 'any' : String(predictionsLeft),
    String(totals.storedBytes),
    String(totals.trainingSeconds),
    inUnits(cost.total, cost.currency),
  ]);
  const amounts = ['predictions', 'left', 'bytes stored', 'training s', 'cost'];
  printTable(['client', 'plan', ...amounts], rows);
}

/** Converts millionths of a currency to units, without rounding. */
function inUnits(micros: string, currency: string): string {
  const text = micros.padStart(7, '0');
  const fraction = text.slice(-6).replace(/0{1,4}$/, '');
  return `${text.slice(0, -6)}.${fraction} ${currency}`;
}

function parseScopes(text: string): Scope[] {
  const scopes = [...new Set(text.split(',').map((scope) => scope.trim()))];
  const unknown = scopes.find((scope) => !(SCOPES as readonly string[]).includes(scope));
  if (unknown === undefined) return scopes as Scope[];
  const detail = `unknown scope "${unknown}": use ${SCOPES.join(', ')}`;
  throw new LapidaryError('invalid_request', detail);
}

function stateOf({ revokedAt, expiresAt }: ShownKey): string {
  if (revokedAt !== undefined) return 'revoked';
  if (expiresAt === undefined) return 'valid';
  return `${Date.parse(expiresAt) > Date.now() ? 'until' : 'expired'} ${expiresAt.slice(0, 10)}`;
}

function printClient(client: Client, json?: true): void {
  if (json) printJson(client);
  else print(`client ${client.id}: plan ${client.plan}`);
}

/** Prints only the key to standard output, so that a pipe contains nothing else. */
function printKey({ key, ...shown }: IssuedKey, json?: true): void {
  const { id, client, scopes } = shown;
  if (!json) note(`key ${id} of ${client}: ${scopes.join(', ')}. It cannot be shown again:`);
  if (json) printJson({ ...shown, key });
  else print(key);
}
