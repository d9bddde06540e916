import { type Agenda, type Chore, nextFull } from '../chores/port.js';
import type { DatasetServices } from './routes.js';

const HOUR_MS = 3_600_000;
/** Scratch of crashes is removed at this age: no append takes as long. */
const SCRATCH_LIFE_MS = 24 * HOUR_MS;
/** Uploads are removed this long after they expire: one that is being completed then is still finished. */
const EXPIRED_MS = HOUR_MS;

const DATASETS = 'datasets';
const UPLOADS = 'uploads';

/** Upkeep of datasets and uploads. @param open opens the services of a client */
export function datasetChores(open: (client: string) => Promise<DatasetServices>): Chore[] {
  return [
    {
      name: DATASETS,
      subjects: async (client) => (await open(client)).datasets.names(),
      async do(client, dataset) {
        const { datasets } = await open(client);
        const younger = await datasets.sweep(dataset, new Date(Date.now() - SCRATCH_LIFE_MS));
        return younger ? afterADay() : undefined;
      },
    },
    {
      name: UPLOADS,
      subjects: async (client) => (await (await open(client)).uploads.list()).map(subjectOf),
      async do(client, subject) {
        const [dataset = '', id = ''] = subject.split('/');
        const { uploads } = await open(client);
        const left = await uploads.sweep(dataset, id, new Date(Date.now() - EXPIRED_MS));
        return left && new Date(left.getTime() + EXPIRED_MS);
      },
    },
  ];
}

/** Notes that a dataset is about to have scratch, which a crash would leave. */
export function noteScratch(agenda: Agenda, dataset: string): Promise<void> {
  return agenda.note(DATASETS, dataset, afterADay());
}

/** Returns the entry of an upload that is about to begin. */
export function expiryOf(dataset: string, { id, expiresAt }: { id: string; expiresAt: string }) {
  const at = new Date(Date.parse(expiresAt) + EXPIRED_MS);
  return [UPLOADS, subjectOf({ dataset, id }), at] as const;
}

/** Rounded to days, so that a dataset has one entry a day. */
const afterADay = () => nextFull(SCRATCH_LIFE_MS, Date.now() + SCRATCH_LIFE_MS);

const subjectOf = ({ dataset, id }: { dataset: string; id: string }) => `${dataset}/${id}`;
