import type { IncomingMessage } from 'node:http';
import ipaddr from 'ipaddr.js';

/** Addresses that are looked at once. */
const REMEMBERED = 10_000;
/** Ranges whose clients are our own, or are behind a proxy of our own that was not named. */
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
  /** What stands for the client; undefined where it cannot be told from others. */
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
 * Tells clients apart by their address: that of the peer, or behind the proxies in these ranges the rightmost of
 * `X-Forwarded-For` that is not a proxy's. Those left of it can be anything that a client wrote.
 * @returns what says who sends a request: an IPv4 address, the network (/64) of an IPv6 address, or undefined
 */
export function addressOf(proxies: readonly Range[]) {
  const known = new Map<string, Peer>();
  const look = (text: string): Peer => {
    const before = known.get(text);
    if (before) return before;
    if (known.size >= REMEMBERED) known.clear();
    const peer = peerOf(text, proxies);
    known.set(text, peer);
    return peer;
  };
  return ({ socket, headers }: IncomingMessage): string | undefined => {
    const peer = look(socket.remoteAddress ?? '');
    if (!peer.isProxy) return peer.client;
    const forwarded = String(headers['x-forwarded-for'] ?? '').split(',');
    for (let i = forwarded.length - 1; i >= 0; i--) {
      const hop = look(bareAddress(forwarded[i]!));
      if (!hop.isProxy) return hop.client;
    }
    return undefined;
  };
}

function peerOf(text: string, proxies: readonly Range[]): Peer {
  if (!ipaddr.isValid(text)) return { client: undefined, isProxy: false };
  // An IPv4 address that came over IPv6 is one.
  const address = ipaddr.process(text);
  const isProxy = proxies.some(
    ([range, bits]) => range.kind() === address.kind() && address.match(range as never, bits),
  );
  const isOwn = isProxy || OWN.has(address.range());
  return { client: isOwn ? undefined : networkOf(address), isProxy };
}

/** A client of IPv6 has a whole network to send from. */
function networkOf(address: ReturnType<typeof ipaddr.process>): string {
  return 'parts' in address
    ? `${address.parts
        .slice(0, 4)
        .map((part) => part.toString(16))
        .join(':')}::/64`
    : address.toString();
}

/** Some proxies write a port behind the address, and brackets around one of IPv6. */
function bareAddress(text: string): string {
  const trimmed = text.trim();
  const [, bracketed, plain] = /^\[([^\]]+)\](?::\d+)?$|^([\d.]+):\d+$/.exec(trimmed) ?? [];
  return bracketed ?? plain ?? trimmed;
}
