import { storedBytesChores } from '../access/chores.js';
import type { Chore } from '../chores/port.js';
import type { Signals } from '../core/signals.js';
import { datasetChores } from '../datasets/chores.js';
import type { JobRow } from '../jobs/port.js';
import { batchPredictionChores } from '../prediction/batches/chores.js';
import { batchPredictionJobs } from '../prediction/job.js';
import { versionChores } from '../registry/chores.js';
import { trainingChores } from '../training/chores.js';
import { trainingJobs } from '../training/job.js';
import type { Config } from './config.js';
import type { Workspace } from './workspace.js';

type WorkspaceOf = (client: string) => Workspace;

/** Builds the table of job kinds: a row for each, defined beside its capability. */
export function jobTable(of: WorkspaceOf): readonly JobRow[] {
  return [
    trainingJobs(
      (client) => of(client).trainingWork(),
      ({ client, model }) => of(client).trainingBytes(model),
    ),
    batchPredictionJobs((client) => of(client).batchPredictionWork()),
  ];
}

/** The kinds of the table. */
export const JOB_KINDS: readonly string[] = jobTable(() => {
  throw new Error('only the kinds of this table are used');
}).map(({ kind }) => kind);

/** Builds the list of chores, each defined beside its capability: the same for every host. */
export function choresOf(of: WorkspaceOf, config: Config, signals: Signals): readonly Chore[] {
  return [
    ...datasetChores((client) => of(client).datasets()),
    ...versionChores((client) => of(client).versions),
    ...batchPredictionChores((client) => of(client).batchPredictions(), resultLifeOf(config)),
    ...trainingChores((client) => of(client).follower(), signals),
    ...storedBytesChores((client) => of(client).measure()),
  ];
}

/** Returns for how many milliseconds batch predictions are kept. */
export function resultLifeOf({ RESULT_LIFE_HOURS }: Config): number {
  return RESULT_LIFE_HOURS * 3_600_000;
}
