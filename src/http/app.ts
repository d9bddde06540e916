import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import type { AuditLog } from '../access/audit.js';
import type { AccessServices } from '../access/services.js';
import type { ForRequest } from '../core/for-request.js';
import { uuidv7 } from '../core/ids.js';
import { invocationRoutes } from '../prediction/invocation-routes.js';
import { predictionRoutes } from '../prediction/routes.js';
import { adminRoutes } from '../registry/admin-routes.js';
import { registryRoutes } from '../registry/routes.js';
import { versionRoutes } from '../registry/version-routes.js';
import { type Guard, guardRoutes } from './access.js';
import { auditAdmins } from './audit.js';
import { linkBelow, rewriteBelow } from './base-path.js';
import { parseBodies } from './body.js';
import { brokenRequests } from './broken-requests.js';
import { decodeBodies } from './coding.js';
import { documentationRoutes } from './documentation.js';
import { handleErrors } from './errors.js';
import { tagAnswers } from './etag.js';
import { requireTls, secureAnswers } from './headers.js';
import { healthRoutes } from './health.js';
import { type Load, shedLoad } from './load.js';
import { logRequests } from './logging.js';
import { keepPagesOut, type PageRules } from './pages.js';
import { addressOf, type parseRange } from './protect/addresses.js';
import { closeConnections } from './protect/draining.js';
import { refuseOddRequests, STRICT_OPTIONS } from './protect/requests.js';
import { type ShareLimits, shareFairly } from './protect/shares.js';
import { compilersFactory } from './schemas.js';
import { hurryClients, type Patience, SERVER_OPTIONS } from './slow-clients.js';
import { limitTime } from './timeouts.js';
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

/** Builds the API, the same for every host; the caller listens or injects. */
export function buildApp(dependencies: ApiDependencies): FastifyInstance {
  const { guard, limits, load, web = {} } = dependencies;
  const app = createFastify(dependencies.logger, limits.bodyBytes, web.basePath);
  if (web.tls) requireTls(app);
  keepPagesOut(app, web);
  if (dependencies.audit) auditAdmins(app, dependencies.audit);
  if (dependencies.shares) {
    const addressed = addressOf(dependencies.shares.proxies);
    shareFairly(app, dependencies.shares, (request) =>
      guard ? request.caller?.client : addressed(request.raw),
    );
  }
  // The last of them is asked first.
  if (guard) guardRoutes(app, guard);
  if (load) shedLoad(app, load);
  if (dependencies.patience) hurryClients(app, dependencies.patience);
  if (limits.handlerMs) limitTime(app, limits.handlerMs);
  mountRoutes(app, dependencies);
  documentationRoutes(app, dependencies);
  return app;
}

/** A Fastify with our logging, error format and strictness, and no routes yet. */
export function createFastify(
  logger: FastifyBaseLogger,
  bodyLimit: number,
  basePath = '',
): FastifyInstance {
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
    http: { ...SERVER_OPTIONS, ...STRICT_OPTIONS },
    // What still comes over open connections is answered; then they are closed.
    return503OnClosing: false,
    ...brokenRequests,
    ...rewriteBelow(basePath),
  });
  linkBelow(app, basePath);
  secureAnswers(app);
  logRequests(app);
  refuseOddRequests(app);
  closeConnections(app);
  decodeBodies(app, handleErrors(app));
  parseBodies(app);
  tagAnswers(app);
  return app;
}

/** Mounts the routes of all capabilities. */
export function mountRoutes(app: FastifyInstance, dependencies: ApiDependencies): void {
  const { registry, predictions, limits, invocationsModel, admin } = dependencies;
  const of = workspacesBy(dependencies, dependencies.workspaceOf);
  healthRoutes(app, registry, dependencies.loaded);
  registryRoutes(app, (request) => of(request).registry);
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
      const { batchPredictionRoutes } = await import('../prediction/batch-routes.js');
      batchPredictionRoutes(scope, (request) => of(request).batchPredictions!());
    });
  if (access)
    app.register(async (scope) => {
      const { accessRoutes } = await import('../access/routes.js');
      accessRoutes(scope, access);
    });
}
