import type { FastifyInstance } from 'fastify';
import { operationOf } from '../api/policy.js';
import { documentationRoutes } from './docs/routes.js';
import { createFastify } from './fastify.js';
import { guardRoutes } from './guard/access.js';
import { auditAdmins } from './guard/audit.js';
import { addressOf } from './protect/addresses.js';
import { disconnectSlowClients } from './protect/connections.js';
import { requireTls } from './protect/headers.js';
import { limitTime, shedLoad } from './protect/load.js';
import { keepPagesOut } from './protect/pages.js';
import { shareFairly } from './protect/shares.js';
import { type ApiDependencies, mountRoutes } from './routes.js';

/** Builds the API, the same for every host; the caller listens or injects. */
export function buildApp(dependencies: ApiDependencies): FastifyInstance {
  const { guard, limits, load, web = {} } = dependencies;
  const app = createFastify(dependencies.logger, limits.bodyBytes, web.basePath);
  requirePolicies(app);
  if (web.tls) requireTls(app);
  keepPagesOut(app, web);
  if (dependencies.audit) auditAdmins(app, dependencies.audit);
  if (dependencies.shares) {
    const addressed = addressOf(dependencies.shares.proxies);
    shareFairly(app, dependencies.shares, (request) =>
      guard ? request.caller?.client : addressed(request.raw),
    );
  }
  // Each of these hooks runs before those that were added before it.
  if (guard) guardRoutes(app, guard);
  if (load) shedLoad(app, load);
  if (dependencies.clientTimeouts) disconnectSlowClients(app, dependencies.clientTimeouts);
  if (limits.handlerMs) limitTime(app, limits.handlerMs);
  mountRoutes(app, dependencies);
  documentationRoutes(app, dependencies);
  return app;
}

/** Refuses to mount a route without a policy: the guards below read it. */
function requirePolicies(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    if (route.config?.access !== undefined) return;
    const name = operationOf(route) ?? `${route.method} ${route.url}`;
    throw new Error(`the route ${name} has no policy: declare config.access`);
  });
}
