import type { Database, RootDatabase } from 'lmdb';
import type { Page, PageRequest } from '../../api/page.js';
import { LapidaryError } from '../../core/errors.js';
import {
  isOpen,
  type Job,
  type JobFilter,
  type JobStore,
  type Lease,
  type LogLine,
} from '../../jobs/port.js';
import { openEnvironment, transact } from './lmdb.js';

const ID = /^[0-9a-f-]{36}$/;
/** Sorts after every moment. */
const LAST = '\uffff';

/** Where a job stands among others: when it was submitted, and its id. */
type Place = [string, string];

/**
 * Jobs in an LMDB environment, which any number of processes share. What is changed is changed in
 * transactions, one after another among all of them; readers never wait.
 */
export class LmdbJobStore implements JobStore {
  private readonly jobs: Database<Job, string>;
  /** Of a client's jobs: the client before them. */
  private readonly places: Database<true, [string, ...Place]>;
  /** Of the jobs that are queued or running. */
  private readonly openPlaces: Database<true, Place>;
  /** Of a model's jobs: client and model before them. */
  private readonly modelPlaces: Database<true, [string, string, ...Place]>;
  private readonly lanes: Database<Lease, string>;
  /** Lines as `[job, number]`, the first 0. */
  private readonly lines: Database<LogLine, [string, number]>;

  private constructor(private readonly root: RootDatabase) {
    const json = { encoding: 'json' } as const;
    this.jobs = root.openDB('jobs', json);
    this.places = root.openDB('places', json);
    this.openPlaces = root.openDB('open-places', json);
    this.modelPlaces = root.openDB('model-places', json);
    this.lanes = root.openDB('lanes', json);
    this.lines = root.openDB('lines', json);
  }

  static async open(directory: string): Promise<LmdbJobStore> {
    return new LmdbJobStore(await openEnvironment(directory));
  }

  close(): Promise<void> {
    return this.root.close();
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
    this.lookAnew();
    return ID.test(id) ? this.jobs.get(id) : undefined;
  }

  replace(next: Job): Promise<boolean> {
    return this.change(() => {
      if (this.jobs.get(next.id)?.revision !== next.revision - 1) return false;
      this.put(next);
      return true;
    });
  }

  async listOpen(): Promise<Job[]> {
    this.lookAnew();
    return [...this.openPlaces.getKeys()].map(([, id]) => this.jobs.get(id)!);
  }

  async forgetEnded(client: string, most: number): Promise<{ forgotten: Job[]; left: number }> {
    this.lookAnew();
    // LMDB writes into what it is given.
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
    const last = cursor === undefined ? undefined : await this.read(cursor);
    if (cursor !== undefined && last?.client !== client)
      throw new LapidaryError(
        'job_not_found',
        `the list cannot go on at job "${cursor.slice(0, 100)}": not found`,
      );
    this.lookAnew();
    const items: Job[] = [];
    for (const id of this.newestIds(client, filter, last && placeOf(last))) {
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

  async readLog(id: string, { cursor = '0', limit }: PageRequest): Promise<Page<LogLine>> {
    if (!/^\d{1,15}$/.test(cursor))
      throw new LapidaryError('invalid_request', `"${cursor}" is no cursor of a log`);
    this.lookAnew();
    const start = Number(cursor);
    const range = { start: [id, start], end: [id, Infinity], limit: limit + 1 };
    const found = [...this.lines.getRange(range)].map(({ value }) => value);
    const items = found.slice(0, limit);
    return { items, ...(found.length > limit && { next: String(start + limit) }) };
  }

  /** Ids of what may match, up to one, the newest first: as few as an index makes them. */
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

  /** In a transaction. What it answers was committed, and flushed to the disk. */
  private change<Value>(change: () => Value): Promise<Value> {
    return transact(this.root, change);
  }

  /** A snapshot is used for as long as a turn; what another process has just committed would be missed. */
  private lookAnew(): void {
    this.root.resetReadTxn();
  }
}

const placeOf = ({ submittedAt, id }: Job): Place => [submittedAt, id];
const idOf = ([, id]: Place): string => id;

function matches(job: Job, { model, kind, state, parent }: JobFilter): boolean {
  return (
    (model === undefined || job.model === model) &&
    (kind === undefined || job.kind === kind) &&
    (state === undefined || job.state === state) &&
    (parent === undefined || job.parent === parent)
  );
}
