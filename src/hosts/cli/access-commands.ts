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

/** Adds the commands about clients, keys, plans and usage. They work whether or not a server runs. */
export function addAccessCommands(lapidary: Command): void {
  clientCommands(lapidary.command('clients').description('Who may call: clients and their plans'));
  keyCommands(lapidary.command('keys').description('Issue, list, revoke and rotate keys'));
  lapidary
    .command('plans')
    .description('List the plans: limits and prices')
    .option('--json', 'print them as JSON')
    .action(({ json }: Json) => run(async (host, access) => host.plans(access, json)));
  lapidary
    .command('audit')
    .description('Show what admins did: over HTTP, and with these commands')
    .option('--since <time>', 'such as 2026-01-31 or 2026-01-31T10:00:00Z (default: all)')
    .option('--json', 'print a line of JSON for each entry')
    .action(async (options: Json & { since?: string }) => {
      const { showAudit } = await import('./audit.js');
      await showAudit(await openAuditFiles(readConfig()), options);
    });
  lapidary
    .command('usage')
    .description('Show what clients have used in a month, what is left, and what it costs')
    .option('--month <month>', 'such as 2026-01, UTC (default: this one)')
    .option('--client <client>', 'only that of a client')
    .option('--csv', 'print it by day, as CSV')
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
    .argument('<client>', 'its id: lower-case letters, digits, hyphens')
    .option('--name <name>', 'what it is called (default: its id)')
    .option('--plan <plan>', 'lapidary plans lists them', 'free')
    .option('--json', 'print it as JSON')
    .action((client: string, options: Json & { name?: string; plan: string }) =>
      run(async (host, access) => host.createClient(access, client, options)),
    );
  clients
    .command('change')
    .description('Rename a client, or put it on another plan')
    .argument('<client>', 'its id')
    .option('--name <name>', 'what it is called from now on')
    .option('--plan <plan>', 'the plan that it is on from now on')
    .option('--json', 'print it as JSON')
    .action((client: string, options: Json & { name?: string; plan?: string }) =>
      run(async (host, access) => host.changeClient(access, client, options)),
    );
}

function keyCommands(keys: Command): void {
  keys
    .command('list')
    .description('List the keys, without their secrets')
    .option('--client <client>', 'only those of a client')
    .option('--json', 'print them as JSON')
    .action((options: Json & { client?: string }) =>
      run(async (host, access) => host.listKeys(access, options)),
    );
  keys
    .command('create')
    .description('Issue a key and print it: it is never shown again')
    .argument('<client>', 'whose it is')
    .addOption(
      new Option('--scopes <scopes>', 'predict, data, train, admin: some of them, with commas')
        .default('predict')
        .argParser(String),
    )
    .option('--expires <time>', 'when it stops to work, such as 2027-01-01T00:00:00Z')
    .option('--json', 'print it as JSON')
    .addHelpText('after', KEYS_HELP)
    .action((client: string, options: Json & { scopes: string; expires?: string }) =>
      run(async (host, access) => host.createKey(access, client, options)),
    );
  keys
    .command('revoke')
    .description('Stop a key from working; running servers notice within ACCESS_CACHE_S')
    .argument('<key>', 'its id')
    .option('--json', 'print it as JSON')
    .action((key: string, { json }: Json) =>
      run(async (host, access) => host.revokeKey(access, key, json)),
    );
  keys
    .command('rotate')
    .description('Issue a key with the same rights; the old one works on for a while')
    .argument('<key>', "the old one's id")
    .option('--grace <seconds>', 'how long the old one works on', Number)
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
