import { type Agenda, type Chore, nextFull } from '../chores/port.js';
import { eventType, type Signals } from '../core/signals.js';
import type { Follower } from './follow.js';

const MINUTE_MS = 60_000;
const TRAININGS = 'trainings';
/** The subject of all datasets: models in files change without a request. */
const ALL = '*';

const TRAINING_SUBMITTED = eventType<{ job: string; client: string; model: string }>(
  'training.submitted',
  'info',
  'its dataset has grown: a training was submitted',
);

/** Submits trainings that a crash or a lost notice has forgotten. */
export function trainingChores(
  open: (client: string) => Promise<Follower>,
  signals: Signals,
): Chore[] {
  return [
    {
      name: TRAININGS,
      hourly: ALL,
      subjects: async () => [ALL],
      async do(client, subject) {
        const follower = await open(client);
        const jobs = await follower.reconcile(subject === ALL ? undefined : subject);
        for (const { id, model } of jobs)
          signals.event(TRAINING_SUBMITTED, { job: id, client, model });
        return undefined;
      },
    },
  ];
}

/** Notes that trainings on a dataset are about to be submitted; one entry covers a quarter of an hour. */
export function noteTrainings(agenda: Agenda, dataset: string): Promise<void> {
  return agenda.note(TRAININGS, dataset, nextFull(15 * MINUTE_MS, Date.now() + 5 * MINUTE_MS));
}
