import type { IncomingMessage } from 'node:http';
import ipaddr from 'ipaddr.js';

/** Maximum parsed addresses in the cache. */
const REMEMBERED = 10_000;
/** Ranges of own clients, or of own proxies that are not configured. */
const OWN = new Set([
  'unspecified',
  'loopback',
  'private',
  'linkLocal',
  'uniqueLocal',
  'carrierGradeNat',
]);

type Range = ReturnType<typeof ipaddr.parseCIDR>;
interface Peer {
  /** Identifies the client; undefined for a shared address. */
  client: string | undefined;
  isProxy: boolean;
}

/** Parses a CIDR or an address. @throws Error when it is neither */
export function parseRange(text: string): Range {
  if (text.includes('/')) return ipaddr.parseCIDR(text);
  const address = ipaddr.parse(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

/**
 * Returns a function that identifies clients by address: that of the peer, or behind the proxies in these ranges the
 * rightmost of `X-Forwarded-For` that is not a proxy's; a client may have forged those left of it. It returns an IPv4
 * address, the network (/64) of an IPv6 address, or undefined.
 */
export function addressOf(proxies: readonly Range[]) {
  const known = new Map<string, Peer>();
  const lookUp = (text: string): Peer => {
    const before = known.get(text);
    if (before) return before;
    if (known.size >= REMEMBERED) known.clear();
    const peer = peerOf(text, proxies);
    known.set(text, peer);
    return peer;
  };
  return ({ socket, headers }: IncomingMessage): string | undefined => {
    const peer = lookUp(socket.remoteAddress ?? '');
    if (!peer.isProxy) return peer.client;
    const forwarded = String(headers['x-forwarded-for'] ?? '').split(',');
    for (let i = forwarded.length - 1; i >= 0; i--) {
      const hop = lookUp(bareAddress(forwarded[i]!));
      if (!hop.isProxy) return hop.client;
    }
    return undefined;
  };
}

function peerOf(text: string, proxies: readonly Range[]): Peer {
  if (!ipaddr.isValid(text)) return { client: undefined, isProxy: false };
  // An IPv4 address may be mapped to IPv6.
  const address = ipaddr.process(text);
  const isProxy = proxies.some(
    ([range, bits]) => range.kind() === address.kind() && address.match(range as never, bits),
  );
  const isOwn = isProxy || OWN.has(address.range());
  return { client: isOwn ? undefined : networkOf(address), isProxy };
}

/** Returns the network of an address: a client of IPv6 can send from all of it. */
function networkOf(address: ReturnType<typeof ipaddr.process>): string {
  return 'parts' in address
    ? `${address.parts
        .slice(0, 4)
        .map((part) => part.toString(16))
        .join(':')}::/64`
    : address.toString();
}

/** Returns an address without the port and the brackets that some proxies add. */
function bareAddress(text: string): string {
  const trimmed = text.trim();
  const [, bracketed, plain] = /^\[([^\]]+)\](?::\d+)?$|^([\d.]+):\d+$/.exec(trimmed) ?? [];
  return bracketed ?? plain ?? trimmed;
}
