import type { Page, PageRequest } from '../../api/page.js';
import { uuidv7 } from '../../core/ids.js';
import type { DatasetDefinition } from '../../datasets/index.js';
import { jsonLine, type KeyDirectory, type Objects } from '../objects/objects.js';
import { isDatasetName, noDataset } from './dataset-names.js';
import { EntryLog } from './entry-log.js';

const ROOT = 'datasets/';
const STATES = 'states';
const READ_AHEAD = 16;

/** A dataset after a definition. */
interface Defined {
  /** The directory of its batches and uploads: another one after a removal. */
  incarnation: string;
  definition: DatasetDefinition;
}

/** A removal is an entry, too: the next definition continues from there. */
type State = Defined | { removed: true };

/**
 * Stores which datasets exist: each definition and removal is an entry `datasets/<dataset>/states/<n>`; the last one is
 * valid. All other data is below `datasets/<dataset>/<incarnation>/`, so that a writer to a removed dataset cannot reach
 * the next one of its name.
 */
export class DatasetStates {
  private readonly logs = new Map<string, EntryLog<State>>();

  constructor(private readonly objects: Objects) {}

  /** Returns the prefix of all keys of a dataset; undefined when it does not exist. */
  async find(dataset: string): Promise<string | undefined> {
    const state = await this.read(dataset);
    return state && rootOf(dataset, state.incarnation);
  }

  /** @throws LapidaryError `dataset_not_found` */
  async get(dataset: string): Promise<string> {
    const found = await this.find(dataset);
    if (found === undefined) throw noDataset(dataset);
    return found;
  }

  async readDefinition(dataset: string): Promise<DatasetDefinition | undefined> {
    return (await this.read(dataset))?.definition;
  }

  async define(dataset: string, definition: DatasetDefinition): Promise<'created' | 'replaced'> {
    if (!isDatasetName(dataset)) throw noDataset(dataset);
    for (;;) {
      const current = await this.read(dataset);
      const incarnation = current?.incarnation ?? uuidv7();
      if (await this.add(dataset, { incarnation, definition }))
        return current ? 'replaced' : 'created';
    }
  }

  /** Removes a dataset. @returns the prefix of its keys; undefined when it does not exist */
  async remove(dataset: string): Promise<string | undefined> {
    for (;;) {
      const current = await this.read(dataset);
      if (!current) return undefined;
      if (await this.add(dataset, { removed: true })) return rootOf(dataset, current.incarnation);
    }
  }

  async list({ cursor = '', limit }: PageRequest): Promise<Page<string>> {
    const names = (await this.names()).filter((name) => name > cursor);
    const there: string[] = [];
    // Removed datasets leave their names: more are read until the page is full.
    for (let at = 0; at < names.length && there.length <= limit; at += READ_AHEAD) {
      const some = names.slice(at, at + READ_AHEAD);
      const found = await Promise.all(some.map((name) => this.find(name)));
      there.push(...some.filter((_, i) => found[i] !== undefined));
    }
    if (there.length <= limit) return { items: there };
    return { items: there.slice(0, limit), next: there[limit - 1]! };
  }

  /** Returns the leftovers of removed datasets of a name. */
  async left(dataset: string): Promise<KeyDirectory[]> {
    const directories = await this.objects.directories(`${ROOT}${dataset}/`);
    // Read after the list, since a dataset may be created meanwhile.
    const current = await this.find(dataset);
    return directories.filter(({ name, path }) => name !== STATES && path !== current);
  }

  /** Returns the names of all datasets, including removed ones, sorted. */
  async names(): Promise<string[]> {
    return (await this.objects.names(ROOT)).filter(isDatasetName).sort();
  }

  private async read(dataset: string): Promise<Defined | undefined> {
    if (!isDatasetName(dataset)) return undefined;
    const last = (await this.logOf(dataset).read()).at(-1);
    // Unknown names use no memory.
    if (!last) this.logs.delete(dataset);
    return last && 'incarnation' in last ? last : undefined;
  }

  private async add(dataset: string, state: State): Promise<boolean> {
    return this.logOf(dataset).add(state, (number) =>
      this.objects.createOnce(keyOf(dataset, number), jsonLine(state), {
        free: 'removed' in state,
      }),
    );
  }

  private logOf(dataset: string): EntryLog<State> {
    let log = this.logs.get(dataset);
    if (!log) {
      const read = (number: number) => this.objects.readJson<State>(keyOf(dataset, number));
      log = new EntryLog(read, READ_AHEAD);
      this.logs.set(dataset, log);
    }
    return log;
  }
}

function rootOf(dataset: string, incarnation: string): string {
  return `${ROOT}${dataset}/${incarnation}/`;
}

function keyOf(dataset: string, number: number): string {
  return `${ROOT}${dataset}/${STATES}/${number}`;
}
