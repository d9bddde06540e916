import type { AccessServices } from '../access/index.js';
import { type Config, requiresKeys } from '../compose/config.js';
import { LapidaryError } from '../core/errors.js';
import { isLoopback } from '../core/origin.js';
import { type Guard, guardByKey } from '../http/guard/access.js';

/**
 * Opens the guard of a server that requires keys. A server that others can reach does not start without a key.
 * @throws LapidaryError `not_ready`
 */
export async function openGuard(
  config: Config,
  open: () => Promise<AccessServices>,
): Promise<Guard | undefined> {
  if (!requiresKeys(config)) return undefined;
  const access = await open();
  if (isLoopback(config.HOST) || (await access.keys.hasKeys())) return guardByKey(access);
  await access.close();
  const detail =
    `others can reach ${config.HOST}, and no key exists yet: ` +
    'create one (lapidary clients create NAME, then lapidary keys create NAME), ' +
    'or open the API to all with ACCESS=open';
  throw new LapidaryError('not_ready', detail);
}
