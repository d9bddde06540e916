import type { Agenda, Chore } from '../../chores/port.js';
import type { BatchPredictionService } from './service.js';

const BATCH_PREDICTIONS = 'batch-predictions';

/**
 * Removes the rows and results of batch predictions once they are old.
 * @param lifeMs how long they are kept
 */
export function batchPredictionChores(
  open: (client: string) => Promise<BatchPredictionService>,
  lifeMs: number,
): Chore[] {
  return [
    {
      name: BATCH_PREDICTIONS,
      subjects: async (client) => (await open(client)).stored(),
      async do(client, job) {
        const left = await (await open(client)).sweep(job, new Date(Date.now() - lifeMs));
        return left && new Date(left.getTime() + lifeMs);
      },
    },
  ];
}

/** Notes that rows or a result of a job are about to be stored. */
export type NoteStored = (job: string) => Promise<void>;

export function noteStoredIn(agenda: Agenda, lifeMs: number): NoteStored {
  return (job) => agenda.note(BATCH_PREDICTIONS, job, new Date(Date.now() + lifeMs));
}
