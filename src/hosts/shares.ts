import type { Config } from '../compose/config.js';
import { parseRange } from '../http/protect/addresses.js';
import type { ShareLimits } from '../http/protect/shares.js';

/** Returns the share of a server that one client may use, and the proxies that are trusted to name clients. */
export function sharesOf({
  CLIENT_SHARE_PERCENT,
  MAX_REQUESTS,
  MAX_HELD_BYTES,
  BODY_LIMIT_BYTES,
  TRUSTED_PROXIES,
}: Config): ShareLimits & { proxies: ReturnType<typeof parseRange>[] } {
  const share = (all: number): number => Math.ceil((all * CLIENT_SHARE_PERCENT) / 100);
  // A body of the largest accepted size always fits.
  const atLeastOne = (bytes: number): number =>
    bytes === 0 ? 0 : Math.max(bytes, BODY_LIMIT_BYTES);
  return {
    requests: share(MAX_REQUESTS),
    bytes: { client: atLeastOne(share(MAX_HELD_BYTES)), all: atLeastOne(MAX_HELD_BYTES) },
    proxies: TRUSTED_PROXIES === '' ? [] : TRUSTED_PROXIES.split(',').map(parseRange),
  };
}
