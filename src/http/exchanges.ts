import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** A request, and the answer to it until that has gone. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Called once the answer has gone, or the client. */
  ended?: () => void;
}

const EXCHANGE = Symbol('exchange');
type Watched = IncomingMessage & { [EXCHANGE]?: Exchange };

const watched = new WeakMap<Server, ReadonlySet<Exchange>>();

/** The exchanges that a server is at; watched once, however many want to know. */
export function exchangesOf(server: Server): ReadonlySet<Exchange> {
  const known = watched.get(server);
  if (known) return known;
  const exchanges = new Set<Exchange>();
  // Before anybody answers it.
  server.prependListener('request', (request: Watched, response) => {
    const exchange: Exchange = { request, response };
    exchanges.add(exchange);
    request[EXCHANGE] = exchange;
    response.on('close', () => {
      exchanges.delete(exchange);
      exchange.ended?.();
    });
  });
  watched.set(server, exchanges);
  return exchanges;
}

/** The exchange that a request is part of; undefined where its server is not watched. */
export function exchangeOf(request: IncomingMessage): Exchange | undefined {
  return (request as Watched)[EXCHANGE];
}
