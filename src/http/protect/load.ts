import type { Server } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { LapidaryError } from '../../core/errors.js';
import { exchangesOf } from './exchanges.js';

const TICK_MS = 100;
const RETRY_AFTER_S = 1;

/** Decides when to shed load: refusing some requests at once is better than answering all of them late. */
export class Load {
  private exchanges: { size: number } = new Map();
  private delayMs = 0;

  /** @param limits 0 for none */
  constructor(private readonly limits: { requests: number; delayMs: number }) {}

  /** Measures the open requests and the event loop delay of a server until it is closed. */
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

  /** Returns why the server is overloaded; undefined while it is not. */
  excess(): string | undefined {
    const { requests, delayMs } = this.limits;
    if (requests > 0 && this.exchanges.size > requests)
      return `the server has ${this.exchanges.size} open requests`;
    if (delayMs > 0 && this.delayMs > delayMs)
      return `the event loop is ${Math.round(this.delayMs)} ms late`;
    return undefined;
  }
}

/** Answers 503 while the server is overloaded, before any work is done for a request. */
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

/** Answers 503 if a handler takes longer: its client has most likely disconnected. */
export function limitTime(app: FastifyInstance, milliseconds: number): void {
  app.addHook('onRoute', (route) => {
    const { streams, untimed } = route.config ?? {};
    if (!streams && !untimed) route.handlerTimeout ??= milliseconds;
  });
}
