import { userInfo } from 'node:os';
import { type Command, Option } from 'commander';
import { type AccessServices, auditKeys } from '../../access/index.js';
import { openAuditFiles } from '../../compose/access.js';
import { readConfig } from '../../compose/config.js';
import { compose } from '../../compose/index.js';
import { uuidv7 } from '../../core/ids.js';

type Json = { json?: true };

const KEYS_HELP = `
Example:
  $ npx lapidary clients create acme --name "Acme Ltd" --plan standard
  $ npx lapidary keys create acme --scopes predict,data`;

/** Adds the commands about clients, keys, plans and usage. They need no server. */
export function addAccessCommands(lapidary: Command): void {
  clientCommands(lapidary.command('clients').description('List, create and change clients'));
  keyCommands(lapidary.command('keys').description('Issue, list, revoke and rotate keys'));
  lapidary
    .command('plans')
    .description('List the plans: limits and prices')
    .option('--json', 'print them as JSON')
    .action(({ json }: Json) => run(async (host, access) => host.plans(access, json)));
  lapidary
    .command('audit')
    .description('Print the audit log: what admins did over HTTP and with these commands')
    .option(
      '--since <time>',
      'first time to print, such as 2026-01-31 or 2026-01-31T10:00:00Z (default: all)',
    )
    .option('--json', 'print each entry as a line of JSON')
    .action(async (options: Json & { since?: string }) => {
      const { showAudit } = await import('./audit.js');
      await showAudit(await openAuditFiles(readConfig()), options);
    });
  lapidary
    .command('usage')
    .description('Show what clients used in a month, what is left and the cost')
    .option('--month <month>', 'such as 2026-01, UTC (default: the current month)')
    .option('--client <client>', 'usage of this client only')
    .option('--csv', 'print usage by day as CSV')
    .option('--json', 'print it as JSON')
    .action((options: Json & { month?: string; client?: string; csv?: true }) =>
      run(async (host, access) => host.usage(access, options)),
    );
}

function clientCommands(clients: Command): void {
  clients
    .command('list')
    .description('List the clients')
    .option('--json', 'print them as JSON')
    .action(({ json }: Json) => run(async (host, access) => host.listClients(access, json)));
  clients
    .command('create')
    .description('Add a client')
    .argument('<client>', 'id: lower-case letters, digits, hyphens')
    .option('--name <name>', 'display name (default: the id)')
    .option('--plan <plan>', 'its plan, as listed by lapidary plans', 'free')
    .option('--json', 'print it as JSON')
    .action((client: string, options: Json & { name?: string; plan: string }) =>
      run(async (host, access) => host.createClient(access, client, options)),
    );
  clients
    .command('change')
    .description('Rename a client or change its plan')
    .argument('<client>', 'its id')
    .option('--name <name>', 'new display name')
    .option('--plan <plan>', 'new plan')
    .option('--json', 'print it as JSON')
    .action((client: string, options: Json & { name?: string; plan?: string }) =>
      run(async (host, access) => host.changeClient(access, client, options)),
    );
}

function keyCommands(keys: Command): void {
  keys
    .command('list')
    .description('List the keys, without their secrets')
    .option('--client <client>', 'keys of this client only')
    .option('--json', 'print them as JSON')
    .action((options: Json & { client?: string }) =>
      run(async (host, access) => host.listKeys(access, options)),
    );
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
    .action((client: string, options: Json & { scopes: string; expires?: string }) =>
      run(async (host, access) => host.createKey(access, client, options)),
    );
  keys
    .command('revoke')
    .description('Revoke a key; running servers refuse it within ACCESS_CACHE_S')
    .argument('<key>', 'its id')
    .option('--json', 'print it as JSON')
    .action((key: string, { json }: Json) =>
      run(async (host, access) => host.revokeKey(access, key, json)),
    );
  keys
    .command('rotate')
    .description('Issue a key with the same scopes; the old one stays valid for a while')
    .argument('<key>', 'the id of the old key')
    .option('--grace <seconds>', 'how long the old key stays valid', Number)
    .option('--json', 'print it as JSON')
    .action((key: string, options: Json & { grace?: number }) =>
      run(async (host, access) => host.rotateKey(access, key, options)),
    );
}

async function run(
  command: (host: typeof import('./access.js'), access: AccessServices) => Promise<void>,
): Promise<void> {
  const app = await compose(readConfig());
  const access = await app.access();
  const who = { by: { user: userInfo().username }, request: uuidv7() };
  const keys = auditKeys(access.keys, await app.audit(), who);
  try {
    await command(await import('./access.js'), { ...access, keys });
  } finally {
    await access.close();
  }
}
