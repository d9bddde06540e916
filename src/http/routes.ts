import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { AccessServices, AuditLog } from '../access/index.js';
import type { ForRequest } from '../api/for-request.js';
import { invocationRoutes, predictionRoutes } from '../prediction/routes.js';
import { adminRoutes, versionRoutes } from '../registry/routes.js';
import { servingRoutes } from '../serving/routes.js';
import type { Guard } from './guard/access.js';
import { healthRoutes } from './health.js';
import type { parseRange } from './protect/addresses.js';
import type { Load } from './protect/load.js';
import type { PageRules } from './protect/pages.js';
import type { ShareLimits } from './protect/shares.js';
import type { Patience } from './protect/slow-clients.js';
import { type Workspace, workspacesBy } from './workspaces.js';

/** What the API needs to work: the operator's workspace, and more. */
export interface ApiDependencies extends Workspace {
  /** What works on what another client has. */
  workspaceOf: (client: string) => Workspace;
  access?: () => Promise<AccessServices>;
  /** Where it is written down what admins do. */
  audit?: () => Promise<AuditLog>;
  /** How callers are told apart; without it, nobody is asked who they are. */
  guard?: Guard;
  logger: FastifyBaseLogger;
  limits: { bodyBytes: number; maxInstances: number; handlerMs?: number };
  /** Says when there is too much to do; without it, nothing is refused for that. */
  load?: Load;
  /** What one client may take up; any amount unless told. Proxies say where requests come from. */
  shares?: ShareLimits & { proxies: readonly ReturnType<typeof parseRange>[] };
  /** What is special about the way here, and about those who come. */
  web?: PageRules & {
    /** Clients come by TLS alone, as through API Gateway. */
    tls?: boolean;
    /** Path that the API is below, such as /api; none unless told. */
    basePath?: string;
  };
  /** How long clients may take; any time unless told. */
  patience?: Patience;
  /** The model that answers what SageMaker asks; none unless told. Nothing is metered there: not with a guard. */
  invocationsModel?: string;
  /** Resolves once all that the routes import is loaded; it is ready at once unless told. */
  loaded?: () => Promise<void>;
  /** Whether the API may change things. */
  admin: boolean;
}

/** Mounts the routes of all capabilities. */
export function mountRoutes(app: FastifyInstance, dependencies: ApiDependencies): void {
  const { registry, predictions, limits, invocationsModel, admin } = dependencies;
  const of = workspacesBy(dependencies, dependencies.workspaceOf);
  healthRoutes(app, registry, dependencies.loaded);
  servingRoutes(app, (request) => of(request).registry);
  versionRoutes(app, (request) => of(request).versions);
  predictionRoutes(app, (request) => of(request).predictions, limits);
  // What it answers is asked for without a key, and counted by nobody.
  if (invocationsModel && !dependencies.guard)
    invocationRoutes(app, { model: invocationsModel, registry, predictions }, limits);
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
      const { batchPredictionRoutes } = await import('../prediction/index.js');
      batchPredictionRoutes(scope, (request) => of(request).batchPredictions!());
    });
  if (access)
    app.register(async (scope) => {
      const { accessRoutes } = await import('../access/routes.js');
      accessRoutes(scope, access);
    });
}
