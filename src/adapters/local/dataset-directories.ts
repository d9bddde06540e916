import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page, PageRequest } from '../../api/page.js';
import { uuidv7 } from '../../core/ids.js';
import type { DatasetDefinition } from '../../datasets/index.js';
import { isDatasetName, noDataset } from '../stores/dataset-names.js';
import {
  hasCode,
  makeDirectory,
  orUndefined,
  removeOld,
  replaceFile,
  syncDirectory,
  writeDurably,
} from './durable.js';

const DEFINITION = 'definition.json';

/** What the directory of a dataset is made of. */
const PARTS = ['log', 'batches', 'uploads'] as const;

/**
 * A dataset is `<directory>/<dataset>/<incarnation>/`: one that is removed and made anew has another path,
 * so that who still writes to the old one cannot reach it. Scratch has a name that begins with a point.
 */
export class DatasetDirectories {
  constructor(private readonly directory: string) {}

  /** The directory of a dataset; undefined when there is none. */
  async find(dataset: string): Promise<string | undefined> {
    if (!isDatasetName(dataset)) return undefined;
    const [incarnation] = await namesIn(join(this.directory, dataset));
    return incarnation && join(this.directory, dataset, incarnation);
  }

  /** @throws LapidaryError `dataset_not_found` */
  async get(dataset: string): Promise<string> {
    const found = await this.find(dataset);
    if (found === undefined) throw noDataset(dataset);
    return found;
  }

  async define(dataset: string, definition: DatasetDefinition): Promise<'created' | 'replaced'> {
    if (!isDatasetName(dataset)) throw noDataset(dataset);
    const bytes = Buffer.from(`${JSON.stringify(definition, null, 2)}\n`);
    for (;;) {
      const found = await this.find(dataset);
      if (found === undefined) {
        if (await this.create(dataset, bytes)) return 'created';
        continue;
      }
      try {
        await replaceFile(join(found, DEFINITION), bytes);
        return 'replaced';
      } catch (error) {
        // It was removed meanwhile.
        if (!hasCode(error, 'ENOENT')) throw error;
      }
    }
  }

  async readDefinition(dataset: string): Promise<DatasetDefinition | undefined> {
    const found = await this.find(dataset);
    const text = found && (await orUndefined(readFile(join(found, DEFINITION), 'utf8')));
    return text === undefined ? undefined : (JSON.parse(text) as DatasetDefinition);
  }

  async list({ cursor = '', limit }: PageRequest): Promise<Page<string>> {
    const names = (await namesIn(this.directory)).filter(isDatasetName);
    const items = names.sort().filter((name) => name > cursor);
    if (items.length <= limit) return { items };
    return { items: items.slice(0, limit), next: items[limit - 1]! };
  }

  async remove(dataset: string): Promise<boolean> {
    if ((await this.find(dataset)) === undefined) return false;
    const scratch = join(this.directory, `.${uuidv7()}`);
    const moved = rename(join(this.directory, dataset), scratch).then(() => true);
    if ((await orUndefined(moved)) === undefined) return false;
    await syncDirectory(this.directory);
    await rm(scratch, { recursive: true, force: true });
    return true;
  }

  /** Removes what was left half-created or half-removed. */
  async sweep(before: Date): Promise<void> {
    await sweepScratch(this.directory, before);
  }

  /** False when somebody else was faster. */
  private async create(dataset: string, definition: Uint8Array): Promise<boolean> {
    await makeDirectory(this.directory);
    const scratch = join(this.directory, `.${uuidv7()}`);
    const incarnation = join(scratch, uuidv7());
    try {
      await mkdir(scratch);
      for (const part of PARTS) await mkdir(join(incarnation, part), { recursive: true });
      await writeDurably(join(incarnation, DEFINITION), definition);
      await syncDirectory(incarnation);
      await syncDirectory(scratch);
      await rename(scratch, join(this.directory, dataset));
    } catch (error) {
      await rm(scratch, { recursive: true, force: true });
      if (hasCode(error, 'ENOTEMPTY', 'EEXIST')) return false;
      throw error;
    }
    await syncDirectory(this.directory);
    return true;
  }
}

/** What is in a directory, but for scratch; nothing when there is none. */
export async function namesIn(directory: string): Promise<string[]> {
  const names = (await orUndefined(readdir(directory))) ?? [];
  return names.filter((name) => !name.startsWith('.'));
}

/** Removes old scratch from a directory. */
export async function sweepScratch(directory: string, before: Date): Promise<void> {
  const names = (await orUndefined(readdir(directory))) ?? [];
  const scratch = names.filter((name) => name.startsWith('.'));
  for (const name of scratch) await removeOld(join(directory, name), before);
}
