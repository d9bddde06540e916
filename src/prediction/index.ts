// Batch predictions are imported where they are used, as single predictions do not need them.
export { batchPredictionRoutes } from './batch-routes.js';
export type { Sink } from './batches/answers.js';
export { predictCsv } from './batches/csv.js';
export type { BatchPredictionService } from './batches/service.js';
