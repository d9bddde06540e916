import type { JobRow } from '../jobs/port.js';
import { batchPredictionJobs } from '../prediction/job.js';
import { trainingJobs } from '../training/job.js';
import type { Workspace } from './workspace.js';

/** Builds the table of job kinds: a row for each, defined in its capability. */
export function jobTable(workspaceOf: (client: string) => Workspace): readonly JobRow[] {
  return [
    trainingJobs(
      (client) => workspaceOf(client).trainingWork(),
      ({ client, model }) => workspaceOf(client).trainingBytes(model),
    ),
    batchPredictionJobs((client) => workspaceOf(client).batchPredictionWork()),
  ];
}

/** The kinds of jobs. */
export const JOB_KINDS: readonly string[] = jobTable(() => {
  throw new Error('only the kinds of this table are used');
}).map(({ kind }) => kind);
