import type { AccessServices } from '../access/index.js';
import { asksForKeys, type Config } from '../compose/config.js';
import { LapidaryError } from '../core/errors.js';
import { isLoopback } from '../core/origin.js';
import { type Guard, guardByKey } from '../http/guard/access.js';

/**
 * What tells the callers of a server apart, where keys are asked for. A server that others can reach and
 * nobody has a key for was set up half: it does not start.
 * @throws LapidaryError `not_ready`
 */
export async function openGuard(
  config: Config,
  open: () => Promise<AccessServices>,
): Promise<Guard | undefined> {
  if (!asksForKeys(config)) return undefined;
  const access = await open();
  if (isLoopback(config.HOST) || (await access.keys.hasKeys())) return guardByKey(access);
  await access.close();
  const detail =
    `others can reach ${config.HOST}, and there is no key yet: ` +
    'make one (lapidary clients create NAME, then lapidary keys create NAME), ' +
    'or let everybody call with ACCESS=open';
  throw new LapidaryError('not_ready', detail);
}
