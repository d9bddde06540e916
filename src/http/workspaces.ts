import type { FastifyRequest } from 'fastify';
import type { ForRequest } from '../api/route.js';
import type { DatasetServices } from '../datasets/routes.js';
import type { JobService } from '../jobs/service.js';
import type { BatchPredictionService } from '../prediction/index.js';
import type { PredictionService } from '../prediction/service.js';
import type { VersionService } from '../registry/service.js';
import type { ServingService } from '../serving/service.js';
import type { FittingService } from '../training/service.js';

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

/**
 * Returns the workspace that a request works on: that of its client. With a key for admins, or where keys are not
 * required, it is the operator's.
 */
export function workspacesBy(
  operator: Workspace,
  of: (client: string) => Workspace,
): ForRequest<Workspace> {
  return (request) => {
    const { caller } = request as Pick<FastifyRequest, 'caller'>;
    // Without a guard, requests have no caller.
    return !caller || caller.scopes.includes('admin') ? operator : of(caller.client);
  };
}
