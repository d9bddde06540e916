import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** A request and its response, until the response is sent or the client disconnects. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Called at its end. */
  ended: (() => void) | undefined;
}

const watched = new WeakMap<Server, ReadonlyMap<IncomingMessage, Exchange>>();

/** Returns the open exchanges of a server, by their requests. The server is watched once, however often this is called. */
export function exchangesOf(server: Server): ReadonlyMap<IncomingMessage, Exchange> {
  const known = watched.get(server);
  if (known) return known;
  const exchanges = new Map<IncomingMessage, Exchange>();
  // Before any other listener can answer.
  server.prependListener('request', (request, response) => {
    const exchange: Exchange = { request, response, ended: undefined };
    exchanges.set(request, exchange);
    response.on('close', () => {
      exchanges.delete(request);
      exchange.ended?.();
    });
  });
  watched.set(server, exchanges);
  return exchanges;
}
