import type { FastifyInstance } from 'fastify';
import { exchangesOf } from '../exchanges.js';

/**
 * Has a server that closes answer what it has begun, and what still comes over open connections, with
 * `Connection: close`: a proxy would send its next request into a connection that is going away.
 */
export function closeConnections(app: FastifyInstance): void {
  const exchanges = exchangesOf(app.server);
  app.addHook('preClose', (done) => {
    for (const { response } of exchanges) response.shouldKeepAlive = false;
    done();
  });
}
