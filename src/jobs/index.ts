export { doOne, type OneJob } from './do-one.js';
export { jobOf, requireOrder } from './kinds.js';
export { BY_ROWS, BY_SECONDS } from './metered.js';
export type { JobWorker } from './worker.js';
