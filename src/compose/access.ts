import { join } from 'node:path';
import type { AccessServices, AuditLog, ReadableAuditLog } from '../access/index.js';
import type { AccessStore, ByteCounter, UsageStore } from '../access/port.js';
import { LapidaryError } from '../core/errors.js';
import type { Config } from './config.js';
import { once } from './once.js';

interface Stores {
  store: AccessStore;
  usage: UsageStore;
}

/** Opens clients, keys, plans and usage: in DynamoDB where a table is named, otherwise on this machine. */
export async function openAccessFor(config: Config): Promise<AccessServices> {
  const { openAccess } = await import('../access/open.js');
  const { store, usage } = await (config.ACCESS_TABLE === ''
    ? onThisMachine(join(config.DATA_DIR, 'access'))
    : inDynamo(config.ACCESS_TABLE));
  return openAccess(store, usage, { rememberMs: config.ACCESS_CACHE_S * 1000 });
}

/**
 * Requires a shared table where STORE is aws: the directory of a function is lost with its instance.
 * @throws LapidaryError `not_ready`
 */
export function requireSharedAccess({ STORE, ACCESS_TABLE }: Config): void {
  if (STORE !== 'aws' || ACCESS_TABLE !== '') return;
  const detail =
    'with STORE=aws functions that require keys need ACCESS_TABLE, the DynamoDB table of clients, keys and usage ' +
    '(docs/access.md); ACCESS=open opens the API function to every caller that can reach it';
  throw new LapidaryError('not_ready', detail);
}

/** Returns counters of stored bytes by client; undefined for directories, which are measured. */
export function byteCounters({
  STORE,
  ACCESS_TABLE,
}: Config): ((client: string) => Promise<ByteCounter>) | undefined {
  if (STORE !== 'aws' || ACCESS_TABLE === '') return undefined;
  const load = once(async () => {
    const { DynamoTable } = await import('../adapters/aws/dynamo.js');
    const { DynamoByteCounter } = await import('../adapters/aws/stored-bytes.js');
    const table = new DynamoTable(ACCESS_TABLE);
    return (client: string) => new DynamoByteCounter(table, client);
  });
  return async (client) => (await load())(client);
}

async function onThisMachine(directory: string): Promise<Stores> {
  const { LmdbAccessStore } = await import('../adapters/local/access.js');
  const { openEnvironment } = await import('../adapters/local/lmdb.js');
  const { LocalUsageStore } = await import('../adapters/local/usage.js');
  const environment = await openEnvironment(directory);
  const usage = await LocalUsageStore.open(environment, join(directory, 'usage'));
  return { store: new LmdbAccessStore(environment), usage };
}

async function inDynamo(name: string): Promise<Stores> {
  const { DynamoTable } = await import('../adapters/aws/dynamo.js');
  const { DynamoAccessStore } = await import('../adapters/aws/access.js');
  const { DynamoUsageStore } = await import('../adapters/aws/usage.js');
  const table = new DynamoTable(name);
  return { store: new DynamoAccessStore(table), usage: new DynamoUsageStore(table) };
}

/** Opens the audit log: files on this machine, or with STORE=aws lines of the process's log. */
export async function openAudit(config: Config): Promise<AuditLog> {
  if (config.STORE === 'local') return openAuditFiles(config);
  const { AuditLines } = await import('../adapters/local/audit-lines.js');
  return new AuditLines(process.stderr);
}

/** Opens the audit log on this machine. */
export async function openAuditFiles(config: Config): Promise<ReadableAuditLog> {
  const { LocalAuditLog } = await import('../adapters/local/audit.js');
  return new LocalAuditLog(join(config.DATA_DIR, 'access', 'audit'));
}
