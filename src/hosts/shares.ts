import type { Config } from '../compose/config.js';
import { parseRange } from '../http/protect/addresses.js';
import type { ShareLimits } from '../http/protect/shares.js';

/** What one client may take up of a server, and the proxies that say who sends a request. */
export function sharesOf({
  CLIENT_SHARE_PERCENT,
  MAX_REQUESTS,
  MAX_HELD_BYTES,
  BODY_LIMIT_BYTES,
  TRUSTED_PROXIES,
}: Config): ShareLimits & { proxies: ReturnType<typeof parseRange>[] } {
  const share = (all: number): number => Math.ceil((all * CLIENT_SHARE_PERCENT) / 100);
  // A body of the size that is taken always fits.
  const atLeastOne = (bytes: number): number =>
    bytes === 0 ? 0 : Math.max(bytes, BODY_LIMIT_BYTES);
  return {
    requests: share(MAX_REQUESTS),
    bytes: { client: atLeastOne(share(MAX_HELD_BYTES)), all: atLeastOne(MAX_HELD_BYTES) },
    proxies: TRUSTED_PROXIES === '' ? [] : TRUSTED_PROXIES.split(',').map(parseRange),
  };
}
