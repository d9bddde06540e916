import type { FastifyRequest } from 'fastify';
import type { ForRequest } from '../api/for-request.js';
import type { DatasetServices } from '../datasets/routes.js';
import type { JobService } from '../jobs/service.js';
import type { BatchPredictionService } from '../prediction/index.js';
import type { PredictionService } from '../prediction/service.js';
import type { VersionService } from '../registry/service.js';
import type { ServingService } from '../serving/service.js';
import type { FitService } from '../training/fit.js';

/** What works on all that one client has. */
export interface Workspace {
  registry: ServingService;
  versions: VersionService;
  predictions: PredictionService;
  /** These are loaded when they are needed; what is left out has no routes. */
  datasets?: () => Promise<DatasetServices>;
  fitting?: () => Promise<FitService>;
  jobs?: () => Promise<JobService>;
  batchPredictions?: () => Promise<BatchPredictionService>;
}

/**
 * Whose resources a request is about: those of the client that calls. Where nobody is asked who he is they are
 * the operator's, and so they are with a key for admins.
 */
export function workspacesBy(
  operator: Workspace,
  of: (client: string) => Workspace,
): ForRequest<Workspace> {
  return (request) => {
    const { caller } = request as Pick<FastifyRequest, 'caller'>;
    // Where no guard is mounted, requests have no caller at all.
    return !caller || caller.scopes.includes('admin') ? operator : of(caller.client);
  };
}
