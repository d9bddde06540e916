import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
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
import { BatchLog, type LoggedBatch, pageOf, shown } from '../stores/batch-log.js';
import { noDataset } from '../stores/dataset-names.js';
import { type DatasetDirectories, namesIn, sweepScratch } from './dataset-directories.js';
import {
  bytesOf,
  hasCode,
  orUndefined,
  removeOld,
  syncDirectory,
  writeDurably,
} from './durable.js';

const CONTENT = 'content';
const QUARANTINE = 'quarantine.csv';
const ENTRY = 'batch.json';
const READ_AHEAD = 8;

/**
 * A batch is a directory `batches/<uuid>` of its dataset, written in place and flushed; nobody sees it
 * until the dataset's log names it. A crash leaves a directory that no log names, which is swept.
 */
export class LocalDatasetStore implements DatasetStore {
  private readonly logs = new Map<string, BatchLog>();

  constructor(private readonly directories: DatasetDirectories) {}

  define(dataset: string, definition: DatasetDefinition): Promise<'created' | 'replaced'> {
    return this.directories.define(dataset, definition);
  }

  readDefinition(dataset: string): Promise<DatasetDefinition | undefined> {
    return this.directories.readDefinition(dataset);
  }

  listDatasets(page: PageRequest): Promise<Page<string>> {
    return this.directories.list(page);
  }

  async remove(dataset: string): Promise<boolean> {
    const root = await this.directories.find(dataset);
    const removed = await this.directories.remove(dataset);
    if (root !== undefined) this.logs.delete(root);
    return removed;
  }

  async putBatchOnce(
    dataset: string,
    write: (draft: BatchDraft) => Promise<BatchFacts>,
  ): Promise<{ batch: Batch; created: boolean }> {
    const root = await this.directories.get(dataset);
    const name = uuidv7();
    const directory = join(root, 'batches', name);
    let keep = false;
    try {
      await mkdir(directory);
      const facts = await writeFiles(directory, write);
      const entry: LoggedBatch = {
        ...facts,
        committedAt: new Date().toISOString(),
        directory: name,
      };
      await writeDurably(join(directory, ENTRY), Buffer.from(`${JSON.stringify(entry)}\n`));
      await syncDirectory(directory);
      await syncDirectory(join(root, 'batches'));
      // From here on the log may name it, whatever fails.
      keep = true;
      const put = await this.logOf(root).put(entry, (number) =>
        linkOnce(join(directory, ENTRY), join(root, 'log', String(number))),
      );
      // Also when another put it: it has to last before anybody is told that it is there.
      await syncDirectory(join(root, 'log'));
      keep = put.created;
      return { batch: shown(put.batch), created: put.created };
    } catch (error) {
      throw await this.explain(error, dataset, root);
    } finally {
      if (!keep) await rm(directory, { recursive: true, force: true });
    }
  }

  async openBatch(dataset: string, id: string): Promise<OpenBatch | undefined> {
    const root = await this.directories.find(dataset);
    const batch = root && (await this.logOf(root).find(id));
    if (!batch) return undefined;
    const bytes = (name: string) =>
      this.readable(dataset, root, join('batches', batch.directory, name));
    return { batch: shown(batch), content: bytes(CONTENT), quarantine: bytes(QUARANTINE) };
  }

  private readable(dataset: string, root: string, name: string): Bytes {
    const read = () => bytesOf(join(root, name)).read();
    const explain = (error: unknown) => this.explain(error, dataset, root);
    return {
      async *read() {
        try {
          yield* read();
        } catch (error) {
          throw await explain(error);
        }
      },
    };
  }

  /** What an error is: a file that is gone with its dataset is nobody's fault. */
  private async explain(error: unknown, dataset: string, root: string): Promise<unknown> {
    const removed = hasCode(error, 'ENOENT') && (await this.directories.find(dataset)) !== root;
    return removed ? noDataset(dataset) : error;
  }

  async listBatches(dataset: string, page: PageRequest): Promise<Page<Batch>> {
    return pageOf(await this.logOf(await this.directories.get(dataset)).read(), page);
  }

  async readTotals(dataset: string): Promise<Totals> {
    const log = this.logOf(await this.directories.get(dataset));
    await log.read();
    return { ...log.totals };
  }

  async sweep(before: Date): Promise<void> {
    await this.directories.sweep(before);
    const { items } = await this.directories.list({ limit: Number.MAX_SAFE_INTEGER });
    for (const dataset of items) {
      const root = await this.directories.find(dataset);
      if (root !== undefined) await this.sweepBatches(root, before);
    }
  }

  /** What is there is listed before the log is read: a batch that is put meanwhile is in the log. */
  private async sweepBatches(root: string, before: Date): Promise<void> {
    const written = await namesIn(join(root, 'batches'));
    const logged = new Set((await this.logOf(root).read()).map(({ directory }) => directory));
    const left = written.filter((name) => !logged.has(name));
    for (const name of left) await removeOld(join(root, 'batches', name), before);
    await sweepScratch(root, before);
  }

  private logOf(root: string): BatchLog {
    let log = this.logs.get(root);
    if (!log) {
      const read = async (number: number): Promise<LoggedBatch | undefined> => {
        const text = await orUndefined(readFile(join(root, 'log', String(number)), 'utf8'));
        return text === undefined ? undefined : (JSON.parse(text) as LoggedBatch);
      };
      log = new BatchLog(read, READ_AHEAD);
      this.logs.set(root, log);
    }
    return log;
  }
}

/** Lets content and quarantine be written, and flushes them. */
async function writeFiles(
  directory: string,
  write: (draft: BatchDraft) => Promise<BatchFacts>,
): Promise<BatchFacts> {
  const content = await open(join(directory, CONTENT), 'wx');
  const quarantine = await open(join(directory, QUARANTINE), 'wx');
  try {
    const facts = await write({
      writeContent: (bytes) => content.writeFile(bytes),
      writeQuarantine: (bytes) => quarantine.writeFile(bytes),
    });
    await Promise.all([content.sync(), quarantine.sync()]);
    return facts;
  } finally {
    await Promise.all([content.close(), quarantine.close()]);
  }
}

/** Gives a file a name more, unless that is taken. */
async function linkOnce(path: string, name: string): Promise<boolean> {
  try {
    await link(path, name);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}
