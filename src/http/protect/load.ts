import type { Server } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { LapidaryError } from '../../core/errors.js';
import { exchangesOf } from '../exchanges.js';

const TICK_MS = 100;
const RETRY_AFTER_S = 1;

/** Says when a server has more to do than it can: better to refuse some at once than to answer all too late. */
export class Load {
  private exchanges: ReadonlySet<unknown> = new Set();
  private delayMs = 0;

  /** @param limits 0 is no limit */
  constructor(private readonly limits: { requests: number; delayMs: number }) {}

  /** Counts the requests of a server, and how late its process gets to what is due, until it is closed. */
  watch(server: Server): void {
    this.exchanges = exchangesOf(server);
    let due = performance.now() + TICK_MS;
    const ticking = setInterval(() => {
      const now = performance.now();
      this.delayMs = now - due;
      due = now + TICK_MS;
    }, TICK_MS).unref();
    server.on('close', () => clearInterval(ticking));
  }

  /** @returns why no more can be taken on; undefined when more can */
  excess(): string | undefined {
    const { requests, delayMs } = this.limits;
    if (requests > 0 && this.exchanges.size > requests)
      return `${this.exchanges.size} requests are being answered`;
    if (delayMs > 0 && this.delayMs > delayMs)
      return `the server is ${Math.round(this.delayMs)} ms behind`;
    return undefined;
  }
}

/** Answers 503 to requests that come while there is too much to do, before anything is done for them. */
export function shedLoad(app: FastifyInstance, load: Load): void {
  load.watch(app.server);
  app.addHook('onRoute', (route) => {
    if (route.config?.healthCheck) return;
    const shed: typeof route.onRequest = (_request, reply, done) => {
      const excess = load.excess();
      if (excess === undefined) done();
      else {
        reply.header('retry-after', RETRY_AFTER_S);
        done(new LapidaryError('overloaded', excess));
      }
    };
    route.onRequest = [shed, ...[route.onRequest ?? []].flat()];
  });
}
