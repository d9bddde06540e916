import type { Page, PageRequest } from '../../api/page.js';
import { isUuid } from '../../core/ids.js';
import {
  isOpen,
  type Job,
  type JobFilter,
  type JobStore,
  type Lease,
  type LogLine,
  matches,
} from '../../jobs/port.js';
import { jobAtCursor, lineAtCursor } from '../job-cursors.js';
import { LmdbStore, openEnvironment } from './lmdb.js';

/** Sorts after every time. */
const LAST = '\uffff';

/** The place of a job in lists: when it was submitted, and its id. */
type Place = [string, string];

/** Stores jobs in LMDB. Transactions of all processes run one after another; readers never wait. */
export class LmdbJobStore extends LmdbStore implements JobStore {
  private readonly jobs = this.openDB<Job, string>('jobs');
  /** Places of jobs as `[client, ...place]`. */
  private readonly places = this.openDB<true, [string, ...Place]>('places');
  /** Places of queued and running jobs. */
  private readonly openPlaces = this.openDB<true, Place>('open-places');
  /** Places of jobs as `[client, model, ...place]`. */
  private readonly modelPlaces = this.openDB<true, [string, string, ...Place]>('model-places');
  private readonly lanes = this.openDB<Lease, string>('lanes');
  /** Log lines as `[job, number]`; numbers start at 0. */
  private readonly lines = this.openDB<LogLine, [string, number]>('lines');

  static async open(directory: string): Promise<LmdbJobStore> {
    return new LmdbJobStore(await openEnvironment(directory));
  }

  createOnce(job: Job): Promise<Job> {
    return this.change(() => {
      const found = this.jobs.get(job.id);
      if (found) return found;
      this.put(job);
      this.places.put([job.client, ...placeOf(job)], true);
      this.modelPlaces.put([job.client, job.model, ...placeOf(job)], true);
      return job;
    });
  }

  async read(id: string): Promise<Job | undefined> {
    this.renew();
    return isUuid(id) ? this.jobs.get(id) : undefined;
  }

  replace(next: Job): Promise<boolean> {
    return this.change(() => {
      if (this.jobs.get(next.id)?.revision !== next.revision - 1) return false;
      this.put(next);
      return true;
    });
  }

  async listOpen(): Promise<Job[]> {
    this.renew();
    return [...this.openPlaces.getKeys()].map(([, id]) => this.jobs.get(id)!);
  }

  async forgetEnded(client: string, most: number): Promise<{ forgotten: Job[]; left: number }> {
    this.renew();
    // A new range each time: LMDB writes into it.
    const range = () => ({ start: [client], end: [client, LAST] }) as never;
    const count = this.places.getKeysCount(range());
    if (count <= most) return { forgotten: [], left: count };
    return this.change(() => {
      const ids = [...this.places.getKeys(range())].map(([, ...place]) => idOf(place));
      const ended = ids.map((id) => this.jobs.get(id)!).filter((job) => !isOpen(job));
      const forgotten = ended.slice(0, Math.max(0, ids.length - most));
      for (const job of forgotten) this.remove(job);
      return { forgotten, left: ids.length - forgotten.length };
    });
  }

  async list(
    client: string,
    filter: JobFilter,
    { cursor, limit }: PageRequest,
  ): Promise<Page<Job>> {
    const after = await jobAtCursor(this, client, cursor);
    this.renew();
    const items: Job[] = [];
    for (const id of this.newestIds(client, filter, after && placeOf(after))) {
      const job = this.jobs.get(id)!;
      if (id === cursor || job.client !== client || !matches(job, filter)) continue;
      if (items.length === limit) return { items, next: items.at(-1)!.id };
      items.push(job);
    }
    return { items };
  }

  takeLane(lane: string, lease: Lease, now: number): Promise<boolean> {
    return this.change(() => {
      const held = this.lanes.get(lane);
      if (held && held.holder !== lease.holder && held.expiresAt > now) return false;
      this.lanes.put(lane, lease);
      return true;
    });
  }

  leaveLane(lane: string, holder: string): Promise<void> {
    return this.change(() => {
      if (this.lanes.get(lane)?.holder === holder) this.lanes.remove(lane);
    });
  }

  appendLog(id: string, lines: readonly LogLine[]): Promise<void> {
    return this.change(() => {
      const [last] = this.lines.getKeys({
        start: [id, Infinity],
        end: [id],
        reverse: true,
        limit: 1,
      });
      const first = last ? last[1] + 1 : 0;
      lines.forEach((line, i) => {
        this.lines.put([id, first + i], line);
      });
    });
  }

  async readLog(id: string, { cursor, limit }: PageRequest): Promise<Page<LogLine>> {
    const start = lineAtCursor(cursor);
    this.renew();
    const range = { start: [id, start], end: [id, Infinity], limit: limit + 1 };
    const found = [...this.lines.getRange(range)].map(({ value }) => value);
    const items = found.slice(0, limit);
    return { items, ...(found.length > limit && { next: String(start + limit) }) };
  }

  /** Returns the ids of jobs that may match, the newest first: as few as an index allows. */
  private newestIds(
    client: string,
    { model, state }: JobFilter,
    start: Place | undefined,
  ): Iterable<string> {
    if (state !== undefined && isOpen({ state }))
      return this.openPlaces.getKeys({ reverse: true, ...(start && { start }) }).map(idOf);
    const range = (...begin: string[]) => ({
      reverse: true,
      start: [...begin, ...(start ?? [LAST])],
      end: begin,
    });
    if (model === undefined)
      return this.places.getKeys(range(client)).map(([, ...place]) => idOf(place));
    return this.modelPlaces.getKeys(range(client, model)).map(([, , ...place]) => idOf(place));
  }

  private put(job: Job): void {
    this.jobs.put(job.id, job);
    if (isOpen(job)) this.openPlaces.put(placeOf(job), true);
    else this.openPlaces.remove(placeOf(job));
  }

  private remove(job: Job): void {
    for (const key of this.lines.getKeys({ start: [job.id], end: [job.id, Infinity] }))
      this.lines.remove(key);
    this.places.remove([job.client, ...placeOf(job)]);
    this.modelPlaces.remove([job.client, job.model, ...placeOf(job)]);
    this.jobs.remove(job.id);
  }
}

const placeOf = ({ submittedAt, id }: Job): Place => [submittedAt, id];
const idOf = ([, id]: Place): string => id;
