import { join } from 'node:path';
import type { AccessServices } from '../access/services.js';
import type { Config } from '../config.js';

/** Clients, keys, plans and usage: on this machine, wherever models and datasets are kept. */
export async function openLocalAccess(config: Config): Promise<AccessServices> {
  const { openAccess } = await import('../access/open.js');
  const { LmdbAccessStore, openEnvironment } = await import('../adapters/local/access.js');
  const { LocalUsageStore } = await import('../adapters/local/usage.js');
  const directory = join(config.DATA_DIR, 'access');
  const environment = await openEnvironment(directory);
  const usage = await LocalUsageStore.open(environment, join(directory, 'usage'));
  const rememberMs = config.ACCESS_CACHE_S * 1000;
  return openAccess(new LmdbAccessStore(environment), usage, { rememberMs });
}
