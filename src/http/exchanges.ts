import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** A request, and the answer to it until that has gone. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

const watched = new WeakMap<Server, ReadonlySet<Exchange>>();

/** The exchanges that a server is at; watched once, however many want to know. */
export function exchangesOf(server: Server): ReadonlySet<Exchange> {
  const known = watched.get(server);
  if (known) return known;
  const exchanges = new Set<Exchange>();
  // Before anybody answers it.
  server.prependListener('request', (request, response) => {
    const exchange = { request, response };
    exchanges.add(exchange);
    response.on('close', () => exchanges.delete(exchange));
  });
  watched.set(server, exchanges);
  return exchanges;
}
