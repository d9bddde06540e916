import type { Page, PageRequest } from '../../api/page.js';
import { uuidv7 } from '../../core/ids.js';
import type { DatasetDefinition } from '../../datasets/index.js';
import type { KeyDirectory, Objects } from '../objects/objects.js';
import { isDatasetName, noDataset } from './dataset-names.js';
import { EntryLog } from './entry-log.js';

const ROOT = 'datasets/';
const STATES = 'states';
const READ_AHEAD = 16;

/** A dataset as it is after a definition. */
interface Defined {
  /** Where its batches and uploads are: one that is removed and made anew has another. */
  incarnation: string;
  definition: DatasetDefinition;
}

/** `removed` is an entry too: who defines it anew goes on from there. */
type State = Defined | { removed: true };

/**
 * Which datasets there are: each definition and removal is an entry `datasets/<dataset>/states/<n>`, of which
 * the last counts. All else of a dataset is below `datasets/<dataset>/<incarnation>/`, so that who still writes
 * to one that was removed cannot reach the next of its name.
 */
export class DatasetStates {
  private readonly logs = new Map<string, EntryLog<State>>();

  constructor(private readonly objects: Objects) {}

  /** What all keys of a dataset begin with; undefined when there is none. */
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

  /** @returns what its keys began with; undefined when there was none */
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
    // Names of removed ones are left over: as many are looked at as it takes.
    for (let at = 0; at < names.length && there.length <= limit; at += READ_AHEAD) {
      const some = names.slice(at, at + READ_AHEAD);
      const found = await Promise.all(some.map((name) => this.find(name)));
      there.push(...some.filter((_, i) => found[i] !== undefined));
    }
    if (there.length <= limit) return { items: there };
    return { items: there.slice(0, limit), next: there[limit - 1]! };
  }

  /** What is left of datasets of that name that are there no more. */
  async left(dataset: string): Promise<KeyDirectory[]> {
    const directories = await this.objects.directories(`${ROOT}${dataset}/`);
    // It is asked after it was listed: one that is created meanwhile is not left.
    const current = await this.find(dataset);
    return directories.filter(({ name, path }) => name !== STATES && path !== current);
  }

  /** Names that there are or were, sorted. */
  async names(): Promise<string[]> {
    return (await this.objects.names(ROOT)).filter(isDatasetName).sort();
  }

  private async read(dataset: string): Promise<Defined | undefined> {
    if (!isDatasetName(dataset)) return undefined;
    const last = (await this.logOf(dataset).read()).at(-1);
    // Whoever asks for names that never were is not remembered.
    if (!last) this.logs.delete(dataset);
    return last && 'incarnation' in last ? last : undefined;
  }

  private async add(dataset: string, state: State): Promise<boolean> {
    const bytes = Buffer.from(`${JSON.stringify(state)}\n`);
    return this.logOf(dataset).add(state, (number) =>
      this.objects.createOnce(keyOf(dataset, number), bytes, { free: 'removed' in state }),
    );
  }

  private logOf(dataset: string): EntryLog<State> {
    let log = this.logs.get(dataset);
    if (!log) {
      log = new EntryLog(async (number) => {
        const text = await this.objects.readText(keyOf(dataset, number));
        return text === undefined ? undefined : (JSON.parse(text) as State);
      }, READ_AHEAD);
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
