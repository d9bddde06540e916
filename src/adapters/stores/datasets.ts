import { setTimeout as sleep } from 'node:timers/promises';
import type { Page, PageRequest } from '../../api/page.js';
import { uuidv7 } from '../../core/ids.js';
import type { DatasetDefinition } from '../../datasets/index.js';
import type {
  Batch,
  BatchDraft,
  BatchFacts,
  DatasetStore,
  OpenBatch,
  Totals,
} from '../../datasets/port.js';
import type { Bytes } from '../../rows/source.js';
import { jsonLine, type KeyDirectory, MissingObject, type Objects } from '../objects/objects.js';
import { BatchLog, type LoggedBatch, pageOf, shown } from './batch-log.js';
import { isDatasetName, noDataset } from './dataset-names.js';
import type { DatasetStates } from './dataset-states.js';

const CONTENT = 'content';
const QUARANTINE = 'quarantine.csv';
const READ_AHEAD = 64;
const FIRST_WAIT_MS = 20;
const LONGEST_WAIT_MS = 1000;

/**
 * Stores a batch as objects `batches/<uuid>/…` of its dataset, which are not read until an entry of the dataset's log,
 * `log/<n>`, names them. A crash leaves objects that no entry names, which are swept.
 */
export class StoredDatasets implements DatasetStore {
  private readonly logs = new Map<string, BatchLog>();

  constructor(
    private readonly objects: Objects,
    private readonly states: DatasetStates,
  ) {}

  define(dataset: string, definition: DatasetDefinition): Promise<'created' | 'replaced'> {
    return this.states.define(dataset, definition);
  }

  readDefinition(dataset: string): Promise<DatasetDefinition | undefined> {
    return this.states.readDefinition(dataset);
  }

  listDatasets(page: PageRequest): Promise<Page<string>> {
    return this.states.list(page);
  }

  async remove(dataset: string): Promise<boolean> {
    const root = await this.states.remove(dataset);
    if (root === undefined) return false;
    this.logs.delete(root);
    await this.objects.removeAll(root);
    return true;
  }

  async putBatchOnce(
    dataset: string,
    write: (draft: BatchDraft) => Promise<BatchFacts>,
  ): Promise<{ batch: Batch; created: boolean }> {
    const root = await this.states.get(dataset);
    const directory = uuidv7();
    let keep = false;
    try {
      const facts = await this.writeObjects(`${root}batches/${directory}/`, write);
      const entry: LoggedBatch = { ...facts, committedAt: new Date().toISOString(), directory };
      // The log may reference it from here on, even if the call fails.
      keep = true;
      const put = await this.logOf(root).put(
        entry,
        patiently((number) =>
          this.objects.createOnce(`${root}log/${number}`, jsonLine(entry), { free: true }),
        ),
      );
      keep = put.created;
      // A batch of a dataset that was removed meanwhile was not put.
      if ((await this.states.find(dataset)) !== root) throw noDataset(dataset);
      return { batch: shown(put.batch), created: put.created };
    } finally {
      if (!keep) await this.objects.removeAll(`${root}batches/${directory}/`);
    }
  }

  async openBatch(dataset: string, id: string): Promise<OpenBatch | undefined> {
    const root = await this.states.find(dataset);
    const batch = root && (await this.logOf(root).find(id));
    if (!batch) return undefined;
    const bytes = (name: string): Bytes => ({
      read: () => this.stream(dataset, root, `batches/${batch.directory}/${name}`),
    });
    return { batch: shown(batch), content: bytes(CONTENT), quarantine: bytes(QUARANTINE) };
  }

  private async *stream(dataset: string, root: string, name: string): AsyncGenerator<Uint8Array> {
    try {
      yield* this.objects.stream(root + name);
    } catch (error) {
      const isGone = error instanceof MissingObject;
      throw isGone && (await this.states.find(dataset)) !== root ? noDataset(dataset) : error;
    }
  }

  async listBatches(dataset: string, page: PageRequest): Promise<Page<Batch>> {
    return pageOf(await this.logOf(await this.states.get(dataset)).read(), page);
  }

  async readTotals(dataset: string): Promise<Totals> {
    const log = this.logOf(await this.states.get(dataset));
    await log.read();
    return { ...log.totals };
  }

  names(): Promise<string[]> {
    return this.states.names();
  }

  async sweep(dataset: string, before: Date): Promise<boolean> {
    if (!isDatasetName(dataset)) return false;
    let younger = await this.objects.sweep(`datasets/${dataset}/`, before);
    const left = await this.states.left(dataset);
    const root = await this.states.find(dataset);
    if (root !== undefined) left.push(...(await this.unlogged(root)));
    for (const { path, modified } of left)
      if (modified < before) await this.objects.removeAll(path);
      else younger = true;
    return younger;
  }

  /** Returns the batches that the log does not name. It is read after the list: a batch may be put meanwhile. */
  private async unlogged(root: string): Promise<KeyDirectory[]> {
    const written = await this.objects.directories(`${root}batches/`);
    const logged = new Set((await this.logOf(root).read()).map(({ directory }) => directory));
    return written.filter(({ name }) => !logged.has(name));
  }

  /** Writes content and quarantine. */
  private async writeObjects(
    directory: string,
    write: (draft: BatchDraft) => Promise<BatchFacts>,
  ): Promise<BatchFacts> {
    const content = this.objects.write(directory + CONTENT);
    const quarantine = this.objects.write(directory + QUARANTINE);
    try {
      const facts = await write({
        writeContent: (bytes) => content.write(bytes),
        writeQuarantine: (bytes) => quarantine.write(bytes),
      });
      await Promise.all([content.end(), quarantine.end()]);
      return facts;
    } catch (error) {
      await Promise.all([content.abort(), quarantine.abort()]);
      throw error;
    }
  }

  private logOf(root: string): BatchLog {
    let log = this.logs.get(root);
    if (!log) {
      const read = (number: number) => this.objects.readJson<LoggedBatch>(`${root}log/${number}`);
      log = new BatchLog(read, READ_AHEAD);
      this.logs.set(root, log);
    }
    return log;
  }
}

/** Waits after each lost race, with backoff: otherwise many processes would delay each other. */
function patiently(create: (number: number) => Promise<boolean>) {
  let wait = FIRST_WAIT_MS;
  return async (number: number): Promise<boolean> => {
    if (await create(number)) return true;
    await sleep(Math.random() * wait);
    wait = Math.min(2 * wait, LONGEST_WAIT_MS);
    return false;
  };
}
