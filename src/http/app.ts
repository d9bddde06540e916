import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { uuidv7 } from '../core/ids.js';
import type { DatasetServices } from '../datasets/routes.js';
import type { JobService } from '../jobs/service.js';
import { predictionRoutes } from '../prediction/routes.js';
import type { PredictionService } from '../prediction/service.js';
import { adminRoutes } from '../registry/admin-routes.js';
import { registryRoutes } from '../registry/routes.js';
import type { Registry } from '../registry/service.js';
import { versionRoutes } from '../registry/version-routes.js';
import type { VersionService } from '../registry/versions.js';
import type { FitService } from '../training/fit.js';
import { parseBodies } from './body.js';
import { documentationRoutes } from './documentation.js';
import { handleErrors } from './errors.js';
import { tagAnswers } from './etag.js';
import { healthRoutes } from './health.js';
import { logRequests } from './logging.js';
import { compilersFactory } from './schemas.js';

/** What the API needs to work. */
export interface ApiDependencies {
  registry: Registry;
  versions: VersionService;
  predictions: PredictionService;
  /** Loads what the routes of datasets need; without it they are not there. */
  datasets?: () => Promise<DatasetServices>;
  /** Loads what fits and removes models; without it nobody can. */
  fitting?: () => Promise<FitService>;
  /** Likewise of jobs. */
  jobs?: () => Promise<JobService>;
  logger: FastifyBaseLogger;
  limits: { bodyBytes: number; maxInstances: number };
  /** Whether aliases may be moved and versions removed: nothing asks who calls. */
  admin: boolean;
}

/** Builds the API, the same for every host; the caller listens or injects. */
export function buildApp(dependencies: ApiDependencies): FastifyInstance {
  const app = createFastify(dependencies.logger, dependencies.limits.bodyBytes);
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
export function mountRoutes(
  app: FastifyInstance,
  { registry, versions, predictions, datasets, jobs, fitting, limits, admin }: ApiDependencies,
): void {
  healthRoutes(app, registry);
  registryRoutes(app, registry);
  versionRoutes(app, versions);
  if (admin) adminRoutes(app, versions);
  predictionRoutes(app, predictions, limits);
  // Loaded where they are mounted: a cold start of what only predicts reads none of it.
  if (datasets)
    app.register(async (scope) => {
      const { datasetRoutes } = await import('../datasets/routes.js');
      datasetRoutes(scope, datasets);
    });
  if (jobs)
    app.register(async (scope) => {
      const { jobRoutes } = await import('../jobs/routes.js');
      jobRoutes(scope, jobs);
    });
  if (fitting)
    app.register(async (scope) => {
      const { fitRoutes } = await import('../training/routes.js');
      fitRoutes(scope, fitting);
    });
}
