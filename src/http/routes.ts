import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from 'fastify';
import type { AccessServices, AuditLog } from '../access/index.js';
import type { ForRequest } from '../api/route.js';
import type { DatasetServices } from '../datasets/routes.js';
import type { JobService } from '../jobs/service.js';
import type { BatchPredictionService } from '../prediction/index.js';
import { invocationRoutes, predictionRoutes } from '../prediction/routes.js';
import type { PredictionService } from '../prediction/service.js';
import { adminRoutes, versionRoutes } from '../registry/routes.js';
import type { VersionService } from '../registry/service.js';
import { servingRoutes } from '../serving/routes.js';
import type { ServingService } from '../serving/service.js';
import type { FittingService } from '../training/service.js';
import type { Guard } from './guard/access.js';
import { healthRoutes } from './health.js';
import type { parseRange } from './protect/addresses.js';
import type { ClientTimeouts } from './protect/connections.js';
import type { Load } from './protect/load.js';
import type { PageRules } from './protect/pages.js';
import type { ShareLimits } from './protect/shares.js';

/** Services of one client's resources. */
export interface Workspace {
  registry: ServingService;
  versions: VersionService;
  predictions: PredictionService;
  /** Opened on first use; a service that is missing has no routes. */
  datasets?: () => Promise<DatasetServices>;
  fitting?: () => Promise<FittingService>;
  jobs?: () => Promise<JobService>;
  batchPredictions?: () => Promise<BatchPredictionService>;
}

/** Dependencies of the API. */
export interface ApiDependencies {
  operator: Workspace;
  /** Returns the workspace of a client. */
  workspaceOf: (client: string) => Workspace;
  /** The kinds of jobs, which their list filters by. */
  jobKinds?: readonly string[];
  access?: () => Promise<AccessServices>;
  /** Opens the audit log. */
  audit?: () => Promise<AuditLog>;
  /** Identifies callers; without it, keys are not required. */
  guard?: Guard;
  logger: FastifyBaseLogger;
  limits: { bodyBytes: number; maxInstances: number; handlerMs?: number };
  /** Decides when to shed load; never by default. */
  load?: Load;
  /** Limits for one client; none by default. The proxies are trusted to name the addresses of clients. */
  shares?: ShareLimits & { proxies: readonly ReturnType<typeof parseRange>[] };
  /** Address and transport of the API. */
  web?: PageRules & {
    /** Clients can only use TLS, as through API Gateway. */
    tls?: boolean;
    /** Path of the API, such as /api; none by default. */
    basePath?: string;
  };
  /** Time limits for clients; none by default. */
  clientTimeouts?: ClientTimeouts;
  /** The model of SageMaker's protocol; none by default. It is neither guarded nor metered, so there must be no guard. */
  invocationsModel?: string;
  /** Resolves once the modules of the routes are loaded; at once by default. */
  loaded?: () => Promise<void>;
  /** Whether routes that change data are mounted. */
  admin: boolean;
}

/** Mounts the routes of all capabilities. */
export function mountRoutes(app: FastifyInstance, dependencies: ApiDependencies): void {
  const { operator, workspaceOf, loaded, guard, limits, invocationsModel } = dependencies;
  const of = workspacesBy(operator, workspaceOf);
  healthRoutes(app, operator.registry, loaded);
  servingRoutes(app, (request) => of(request).registry);
  versionRoutes(app, (request) => of(request).versions);
  predictionRoutes(app, (request) => of(request).predictions, limits);
  // These routes are neither guarded nor metered.
  if (invocationsModel && !guard)
    invocationRoutes(app, { ...operator, model: invocationsModel }, limits);
  if (dependencies.admin) mountAdminRoutes(app, dependencies, of);
}

/** Services that are opened on first use. */
type Lazy = Required<Omit<Workspace, 'registry' | 'versions' | 'predictions'>>;
type Mount<Name extends keyof Lazy> = (
  app: FastifyInstance,
  of: ForRequest<ReturnType<Lazy[Name]>>,
) => void;

/** Mounts the routes that change data. Most are imported here, which keeps them out of the cold start of a server that only predicts. */
function mountAdminRoutes(
  app: FastifyInstance,
  { operator, jobKinds = [], access }: ApiDependencies,
  of: ForRequest<Workspace>,
): void {
  const mount = <Name extends keyof Lazy>(name: Name, load: () => Promise<Mount<Name>>): void => {
    if (!operator[name]) return;
    const service = (request: object) => (of(request) as Lazy)[name]() as ReturnType<Lazy[Name]>;
    app.register(async (scope) => (await load())(scope, service));
  };
  adminRoutes(app, (request) => of(request).versions);
  mount('datasets', async () => (await import('../datasets/routes.js')).datasetRoutes);
  mount('fitting', async () => (await import('../training/routes.js')).fitRoutes);
  mount('jobs', async () => {
    const { jobRoutes } = await import('../jobs/routes.js');
    return (scope, service) => jobRoutes(scope, jobKinds, service);
  });
  mount(
    'batchPredictions',
    async () => (await import('../prediction/index.js')).batchPredictionRoutes,
  );
  if (access)
    app.register(async (scope) => {
      const { accessRoutes } = await import('../access/routes.js');
      accessRoutes(scope, access);
    });
}

/**
 * Returns the workspace that a request works on: that of its client. With a key for admins, or where keys are not
 * required, it is the operator's.
 */
function workspacesBy(
  operator: Workspace,
  of: (client: string) => Workspace,
): ForRequest<Workspace> {
  return (request) => {
    const { caller } = request as Pick<FastifyRequest, 'caller'>;
    // Without a guard, requests have no caller.
    return !caller || caller.scopes.includes('admin') ? operator : of(caller.client);
  };
}
