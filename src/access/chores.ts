import { type Agenda, type Chore, nextFull } from '../chores/port.js';

const HOUR_MS = 3_600_000;
const STORED_BYTES = 'stored-bytes';
const ALL = '*';

/** Corrects counts of stored bytes, which include removed ones. @param measure measures those of a client */
export function storedBytesChores(measure: (client: string) => Promise<void>): Chore[] {
  return [
    {
      name: STORED_BYTES,
      subjects: async () => [ALL],
      async do(client) {
        await measure(client);
        return undefined;
      },
    },
  ];
}

/** Notes that stored bytes are about to be removed. */
export function noteRemoval(agenda: Agenda): Promise<void> {
  return agenda.note(STORED_BYTES, ALL, nextFull(HOUR_MS, Date.now() + HOUR_MS));
}
