import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** A request and its response, until the response is sent or the client disconnects. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Called at its end. */
  ended?: () => void;
}

const EXCHANGE = Symbol('exchange');
type Watched = IncomingMessage & { [EXCHANGE]?: Exchange };

const watched = new WeakMap<Server, ReadonlySet<Exchange>>();

/** Returns the open exchanges of a server. The server is watched once, however often this is called. */
export function exchangesOf(server: Server): ReadonlySet<Exchange> {
  const known = watched.get(server);
  if (known) return known;
  const exchanges = new Set<Exchange>();
  // Before any other listener can answer.
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

/** Returns the exchange of a request; undefined where its server is not watched. */
export function exchangeOf(request: IncomingMessage): Exchange | undefined {
  return (request as Watched)[EXCHANGE];
}
