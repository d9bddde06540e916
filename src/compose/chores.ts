import { eventType, type Signals } from '../core/signals.js';
import type { Config } from './config.js';
import type { Workspace } from './workspace.js';
import type { Workspaces } from './workspaces.js';

const HOUR_MS = 3_600_000;
/** Scratch of crashes is removed at this age: no append or publication takes as long. */
const SCRATCH_LIFE_MS = 24 * HOUR_MS;
/** Uploads are removed this long after they expire: one that is being completed then is still finished. */
const EXPIRED_MS = HOUR_MS;

/** Background upkeep of one client's data. */
interface Chore {
  name: string;
  do(workspace: Workspace): Promise<unknown>;
}

const CHORE_FAILED = eventType<{ chore: string; client: string; err: unknown }>(
  'chore.failed',
  'error',
  'a chore failed; it is tried again in an hour',
);
const TRAINING_SUBMITTED = eventType<{ job: string; client: string; model: string }>(
  'training.submitted',
  'info',
  'its dataset has grown: a training was submitted',
);

/** Submits trainings that a crash or a lost notice has forgotten. */
export async function reconcile({ follower }: Workspace, signals: Signals): Promise<void> {
  for (const { id, client, model } of await (await follower()).reconcile())
    signals.event(TRAINING_SUBMITTED, { job: id, client, model });
}

/** Returns the chores, the same for every host. */
function choresOf(config: Config, signals: Signals): readonly Chore[] {
  const before = (milliseconds: number) => new Date(Date.now() - milliseconds);
  return [
    {
      name: 'datasets',
      do: async ({ datasets }) => (await datasets()).datasets.sweep(before(SCRATCH_LIFE_MS)),
    },
    {
      name: 'uploads',
      do: async ({ datasets }) => (await datasets()).uploads.sweep(before(EXPIRED_MS)),
    },
    { name: 'versions', do: ({ versions }) => versions.sweep(before(SCRATCH_LIFE_MS)) },
    {
      name: 'batch predictions',
      do: async ({ batchPredictions }) =>
        (await batchPredictions()).sweep(before(config.RESULT_LIFE_HOURS * HOUR_MS)),
    },
    { name: 'stored bytes', do: (workspace) => workspace.measure() },
    { name: 'trainings', do: (workspace) => reconcile(workspace, signals) },
  ];
}

/**
 * Does all chores for all clients. A chore that fails is reported and keeps no other from being done.
 * @returns how many failed
 */
export async function doChores(
  config: Config,
  workspaces: Workspaces,
  signals: Signals,
): Promise<number> {
  const all = await workspaces.all();
  let failed = 0;
  for (const chore of choresOf(config, signals))
    for (const workspace of all)
      await chore.do(workspace).catch((err: unknown) => {
        failed++;
        signals.event(CHORE_FAILED, { chore: chore.name, client: workspace.client, err });
      });
  return failed;
}
