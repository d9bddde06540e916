import type {
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  onRequestHookHandler,
  preParsingHookHandler,
} from 'fastify';
import { LapidaryError } from '../../core/errors.js';
import { type Exchange, exchangesOf } from './exchanges.js';

/** Limits of concurrent requests and bytes in memory, for one client and for all; 0 for none. */
export interface ShareLimits {
  /** Open requests of one client. */
  requests: number;
  /** Bytes of bodies in memory. */
  bytes: { client: number; all: number };
}

/** Returns the client of a request; undefined where clients cannot be distinguished. */
export type ClientOf = (request: FastifyRequest) => string | undefined;

/** Resources held for one client. */
interface Held {
  requests: number;
  bytes: number;
}

/** Maximum clients that are kept after their requests ended. */
const REMEMBERED = 10_000;
const RETRY_AFTER_S = 1;
/** Smaller bodies are not counted. */
const SMALL = 1 << 16;

/** Keeps one client from occupying all open requests or all memory of a server. */
export function shareFairly(app: FastifyInstance, limits: ShareLimits, clientOf: ClientOf): void {
  const shares = new Shares(limits);
  const exchanges = exchangesOf(app.server);
  app.addHook('onRoute', (route) => {
    const { healthCheck, streams } = route.config ?? {};
    if (healthCheck) return;
    route.onRequest = [admit, ...[route.onRequest ?? []].flat()];
    if (streams !== 'in') route.preParsing = [...[route.preParsing ?? []].flat(), holdBody];
  });

  const admit: onRequestHookHandler = (request, reply, done) => {
    const client = clientOf(request);
    // A request that is injected has none.
    const exchange = client === undefined ? undefined : exchanges.get(request.raw);
    if (client === undefined || exchange === undefined) return done();
    done(refused(shares.admit(client, exchange), reply));
  };

  const holdBody: preParsingHookHandler = (request, reply, payload, done) => {
    const { headers, raw } = request;
    const length = Number(headers['content-length']);
    const isPacked = headers['content-encoding'] !== undefined;
    const isSmall = length <= SMALL && !isPacked;
    if (isSmall) return done(null, payload);
    const exchange = exchanges.get(raw);
    const isNone = Number.isNaN(length) && headers['transfer-encoding'] === undefined;
    // Fastify refuses it for its size.
    const isTooLarge = length > (request.routeOptions.bodyLimit ?? Number.POSITIVE_INFINITY);
    if (isNone || isTooLarge || exchange === undefined) return done(null, payload);
    const hold = shares.body(clientOf(request), exchange);
    if (!isPacked && length > 0) return done(refused(hold(length), reply) ?? null, payload);
    // Its size is only known once it is received.
    payload.on('data', (chunk: Uint8Array) => {
      const fault = refused(hold(chunk.length), reply);
      if (fault) payload.emit('error', fault);
    });
    done(null, payload);
  };
}

/** Prepares the answer of a refusal, which does not wait for the rest of the body. */
function refused(fault: LapidaryError | undefined, reply: FastifyReply): LapidaryError | undefined {
  if (fault && !reply.raw.headersSent)
    reply.header('retry-after', RETRY_AFTER_S).header('connection', 'close');
  return fault;
}

/** Counts the held resources, for each client and for all. */
class Shares {
  private readonly clients = new Map<string, Held>();
  private bytes = 0;

  constructor(private readonly limits: ShareLimits) {}

  /** Counts a request of a client until it ends. @returns why it is refused; undefined when it may pass */
  admit(client: string, exchange: Exchange): LapidaryError | undefined {
    const held = this.heldFor(client);
    const { requests } = this.limits;
    if (requests > 0 && held.requests >= requests) {
      const detail = `this client has ${held.requests} open requests; at most ${requests} are allowed`;
      return new LapidaryError('share_exceeded', detail);
    }
    held.requests++;
    whenEnded(exchange, () => {
      held.requests--;
    });
    return undefined;
  }

  /**
   * Counts the bytes of a body until its request ends.
   * @returns a function to call with the number of received bytes, which returns why they are refused
   */
  body(client: string | undefined, exchange: Exchange) {
    const held = client === undefined ? undefined : this.heldFor(client);
    const { client: own, all } = this.limits.bytes;
    let taken = 0;
    whenEnded(exchange, () => {
      this.bytes -= taken;
      if (held) held.bytes -= taken;
    });
    return (bytes: number): LapidaryError | undefined => {
      if (held && own > 0 && held.bytes + bytes > own) {
        const detail = `the bodies of this client's open requests would exceed ${own} bytes`;
        return new LapidaryError('share_exceeded', detail);
      }
      if (all > 0 && this.bytes + bytes > all)
        return new LapidaryError(
          'overloaded',
          `the bodies of all open requests are ${this.bytes} bytes`,
        );
      taken += bytes;
      this.bytes += bytes;
      if (held) held.bytes += bytes;
      return undefined;
    };
  }

  private heldFor(client: string): Held {
    const known = this.clients.get(client);
    if (known) return known;
    if (this.clients.size >= REMEMBERED) this.forgetIdle();
    const held = { requests: 0, bytes: 0 };
    this.clients.set(client, held);
    return held;
  }

  private forgetIdle(): void {
    for (const [client, { requests, bytes }] of this.clients)
      if (requests === 0 && bytes === 0) this.clients.delete(client);
  }
}

function whenEnded(exchange: Exchange, end: () => void): void {
  const { ended } = exchange;
  exchange.ended = () => {
    ended?.();
    end();
  };
}
