import type { FastifyInstance } from 'fastify';
import { type Exchange, exchangesOf } from '../exchanges.js';
import { refuse } from './broken-requests.js';

/** How long clients may take. */
export interface Patience {
  /** For the headers of a request; 0: any time. */
  headersMs: number;
  /** In which a body, or whoever takes an answer, has to get on by {@link LEAST_BYTES}; 0: any time. */
  idleMs: number;
}

/**
 * What has to come of a body, or be taken of an answer, in each span of `idleMs`. A limit to the whole would cut off
 * a large upload on a slow line, and one on silence alone is met by a byte now and then.
 */
export const LEAST_BYTES = 16 * 1024;
/** How often Node looks for headers that take too long. */
const LOOK_MS = 1000;

/** Options of Node's server: without them it would look for slow headers twice a minute. */
export const SERVER_OPTIONS = { connectionsCheckingInterval: LOOK_MS } as const;

/** How much of an exchange had come, and how much had gone. */
interface Progress {
  came: number;
  went: number;
}

/** Hangs up on clients that keep a connection busy without getting on: they cost nothing, and hold what others need. */
export function hurryClients(app: FastifyInstance, { headersMs, idleMs }: Patience): void {
  const { server } = app;
  server.headersTimeout = headersMs;
  if (idleMs === 0) return;
  const exchanges = exchangesOf(server);
  const seen = new WeakMap<Exchange, Progress>();
  const looking = setInterval(() => {
    for (const exchange of exchanges) {
      const now = progressOf(exchange);
      const before = seen.get(exchange);
      if (before) judge(exchange, before, now);
      seen.set(exchange, now);
    }
  }, idleMs).unref();
  server.on('close', () => clearInterval(looking));
}

function progressOf({ request: { socket } }: Exchange): Progress {
  return { came: socket.bytesRead, went: socket.bytesWritten - socket.writableLength };
}

function judge({ request, response }: Exchange, before: Progress, now: Progress): void {
  const { socket } = request;
  // What has come and nobody here has read is no fault of the client.
  const awaitsBody = !request.complete && request.readableLength === 0;
  if (awaitsBody && now.came - before.came < LEAST_BYTES) {
    if (response.headersSent) socket.destroy();
    else refuse(socket, 'request_timeout');
    return;
  }
  const awaitsReader = response.headersSent && socket.writableLength > 0;
  if (awaitsReader && now.went - before.went < LEAST_BYTES) socket.destroy();
}
