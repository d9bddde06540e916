import { type Agenda, type Chore, nextFull } from '../chores/port.js';
import type { VersionService } from './service.js';

/** What crashes left is removed at this age: no publication takes as long. */
const UNFINISHED_LIFE_MS = 24 * 3_600_000;

const VERSIONS = 'versions';

/** Upkeep of versions. @param of returns the service of a client */
export function versionChores(of: (client: string) => VersionService): Chore[] {
  return [
    {
      name: VERSIONS,
      subjects: (client) => of(client).names(),
      async do(client, model) {
        const younger = await of(client).sweep(model, new Date(Date.now() - UNFINISHED_LIFE_MS));
        return younger ? afterADay() : undefined;
      },
    },
  ];
}

/** Notes that a version of a model is about to be published or removed, which a crash would leave unfinished. */
export function noteUnfinished(agenda: Agenda, model: string): Promise<void> {
  return agenda.note(VERSIONS, model, afterADay());
}

/** Rounded to days, so that a model has one entry a day. */
const afterADay = () => nextFull(UNFINISHED_LIFE_MS, Date.now() + UNFINISHED_LIFE_MS);
