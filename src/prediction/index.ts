// Batches: loaded where they are used, since a single prediction needs none of it.
export { batchPredictionRoutes } from './batch-routes.js';
export type { Sink } from './batches/answers.js';
export { predictCsv } from './batches/csv.js';
export type { BatchPredictionService } from './batches/service.js';
