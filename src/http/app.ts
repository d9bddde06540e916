import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import type { AccessServices } from '../access/services.js';
import type { ForRequest } from '../core/for-request.js';
import { uuidv7 } from '../core/ids.js';
import { predictionRoutes } from '../prediction/routes.js';
import { adminRoutes } from '../registry/admin-routes.js';
import { registryRoutes } from '../registry/routes.js';
import { versionRoutes } from '../registry/version-routes.js';
import { type Guard, guardRoutes } from './access.js';
import { parseBodies } from './body.js';
import { documentationRoutes } from './documentation.js';
import { handleErrors } from './errors.js';
import { tagAnswers } from './etag.js';
import { healthRoutes } from './health.js';
import { type Load, shedLoad } from './load.js';
import { logRequests } from './logging.js';
import { compilersFactory } from './schemas.js';
import { limitTime } from './timeouts.js';
import { type Workspace, workspacesBy } from './workspaces.js';

/** What the API needs to work: the operator's workspace, and more. */
export interface ApiDependencies extends Workspace {
  /** What works on what another client has. */
  workspaceOf: (client: string) => Workspace;
  access?: () => Promise<AccessServices>;
  /** How callers are told apart; without it, nobody is asked who they are. */
  guard?: Guard;
  logger: FastifyBaseLogger;
  limits: { bodyBytes: number; maxInstances: number; handlerMs?: number };
  /** Says when there is too much to do; without it, nothing is refused for that. */
  load?: Load;
  /** Whether the API may change things. */
  admin: boolean;
}

/** Builds the API, the same for every host; the caller listens or injects. */
export function buildApp(dependencies: ApiDependencies): FastifyInstance {
  const app = createFastify(dependencies.logger, dependencies.limits.bodyBytes);
  const { guard, limits, load } = dependencies;
  // The last of them is asked first.
  if (guard) guardRoutes(app, guard);
  if (load) shedLoad(app, load);
  if (limits.handlerMs) limitTime(app, limits.handlerMs);
  mountRoutes(app, dependencies);
  documentationRoutes(app, dependencies);
  return app;
}

/** A Fastify with our logging, error format and strictness, and no routes yet. */
export function createFastify(logger: FastifyBaseLogger, bodyLimit: number): FastifyInstance {
  const app = Fastify({
    loggerInstance: logger,
    logController: new LogController({
      disableRequestLogging: true,
      requestIdLogLabel: 'requestId',
    }),
    genReqId: () => uuidv7(),
    bodyLimit,
    forceCloseConnections: 'idle',
    schemaController: { compilersFactory },
  });
  parseBodies(app);
  logRequests(app);
  tagAnswers(app);
  handleErrors(app);
  return app;
}

/** Mounts the routes of all capabilities. */
export function mountRoutes(app: FastifyInstance, dependencies: ApiDependencies): void {
  const { registry, limits, admin } = dependencies;
  const of = workspacesBy(dependencies, dependencies.workspaceOf);
  healthRoutes(app, registry);
  registryRoutes(app, (request) => of(request).registry);
  versionRoutes(app, (request) => of(request).versions);
  predictionRoutes(app, (request) => of(request).predictions, limits);
  if (admin) mountAdminRoutes(app, dependencies, of);
}

/** Most are loaded only here: a cold start of what only predicts reads none of it. */
function mountAdminRoutes(
  app: FastifyInstance,
  { datasets, fitting, jobs, batchPredictions, access }: ApiDependencies,
  of: ForRequest<Workspace>,
): void {
  adminRoutes(app, (request) => of(request).versions);
  if (datasets)
    app.register(async (scope) => {
      const { datasetRoutes } = await import('../datasets/routes.js');
      datasetRoutes(scope, (request) => of(request).datasets!());
    });
  if (fitting)
    app.register(async (scope) => {
      const { fitRoutes } = await import('../training/routes.js');
      fitRoutes(scope, (request) => of(request).fitting!());
    });
  if (jobs)
    app.register(async (scope) => {
      const { jobRoutes } = await import('../jobs/routes.js');
      jobRoutes(scope, (request) => of(request).jobs!());
    });
  if (batchPredictions)
    app.register(async (scope) => {
      const { batchPredictionRoutes } = await import('../prediction/batch-routes.js');
      batchPredictionRoutes(scope, (request) => of(request).batchPredictions!());
    });
  if (access)
    app.register(async (scope) => {
      const { accessRoutes } = await import('../access/routes.js');
      accessRoutes(scope, access);
    });
}
