import type { FastifyInstance } from 'fastify';
import { refuse } from './broken-requests.js';
import { type Exchange, exchangesOf } from './exchanges.js';

/** Time limits for clients; 0 for none. */
export interface ClientTimeouts {
  /** Milliseconds for the headers of a request. */
  headersMs: number;
  /** Milliseconds for each {@link LEAST_BYTES} of a body or of an answer. */
  idleMs: number;
}

/**
 * Bytes of a body or an answer that a client must transfer in each span of `idleMs`. A limit of the whole transfer
 * would cut off large uploads on slow lines; a limit of idle time would allow a byte now and then.
 */
export const LEAST_BYTES = 16 * 1024;
const HEADERS_CHECK_MS = 1000;

/** Options of Node's server; by default, it checks for slow headers twice a minute. */
export const SERVER_OPTIONS = { connectionsCheckingInterval: HEADERS_CHECK_MS } as const;

/** Bytes that a connection has transferred. */
interface Progress {
  received: number;
  sent: number;
}

/** Closes the connections of clients that are too slow: idle connections would exhaust those that others need. */
export function disconnectSlowClients(
  app: FastifyInstance,
  { headersMs, idleMs }: ClientTimeouts,
): void {
  const { server } = app;
  server.headersTimeout = headersMs;
  if (idleMs === 0) return;
  const exchanges = exchangesOf(server);
  const seen = new WeakMap<Exchange, Progress>();
  const checking = setInterval(() => {
    for (const exchange of exchanges.values()) {
      const now = progressOf(exchange);
      const before = seen.get(exchange);
      if (before) disconnectIfSlow(exchange, before, now);
      seen.set(exchange, now);
    }
  }, idleMs).unref();
  server.on('close', () => clearInterval(checking));
}

function progressOf({ request: { socket } }: Exchange): Progress {
  return { received: socket.bytesRead, sent: socket.bytesWritten - socket.writableLength };
}

function disconnectIfSlow({ request, response }: Exchange, before: Progress, now: Progress): void {
  const { socket } = request;
  // The client is not at fault while received bytes wait for a reader here.
  const awaitsBody = !request.complete && request.readableLength === 0;
  if (awaitsBody && now.received - before.received < LEAST_BYTES) {
    if (response.headersSent) socket.destroy();
    else refuse(socket, 'request_timeout');
    return;
  }
  const awaitsReader = response.headersSent && socket.writableLength > 0;
  if (awaitsReader && now.sent - before.sent < LEAST_BYTES) socket.destroy();
}

/**
 * Answers open requests while the server closes, with `Connection: close`: otherwise a proxy would send its next request
 * over a connection that is about to close.
 */
export function closeConnections(app: FastifyInstance): void {
  const exchanges = exchangesOf(app.server);
  app.addHook('preClose', (done) => {
    for (const { response } of exchanges.values()) response.shouldKeepAlive = false;
    done();
  });
}
