import { type FileHandle, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { uuidv7 } from '../../core/ids.js';
import type {
  BatchPredictionStore,
  InputFacts,
  OpenInput,
  OpenResult,
  ResultDraft,
  ResultFacts,
} from '../../prediction/port.js';
import type { Bytes } from '../../rows/source.js';
import { namesIn, sweepScratch } from './dataset-directories.js';
import {
  bytesOf,
  hasCode,
  makeDirectory,
  orUndefined,
  removeOld,
  syncDirectory,
  writeDurably,
} from './durable.js';

const JOB = /^[0-9a-f-]{36}$/;
const FACTS = 'facts.json';
const CONTENT = 'content';
const REJECTS = 'rejects.csv';

/**
 * A job is a directory with `input/` and `result/`. Each is written beside it, under a name that begins with a
 * point, flushed, and renamed: it is there whole, and of several that are written at once the first stays.
 */
export class LocalBatchPredictionStore implements BatchPredictionStore {
  constructor(private readonly directory: string) {}

  putInputOnce(
    job: string,
    write: (sink: (bytes: Uint8Array) => Promise<void>) => Promise<InputFacts>,
  ): Promise<InputFacts> {
    return this.putOnce(job, 'input', [CONTENT], ([content]) => write(writerTo(content!)));
  }

  async openInput(job: string): Promise<OpenInput | undefined> {
    const input = await this.facts<InputFacts>(job, 'input');
    return input && { input, content: this.bytes(job, 'input', CONTENT) };
  }

  putResultOnce(
    job: string,
    write: (draft: ResultDraft) => Promise<ResultFacts>,
  ): Promise<ResultFacts> {
    return this.putOnce(job, 'result', [CONTENT, REJECTS], ([content, rejects]) =>
      write({ writeContent: writerTo(content!), writeRejects: writerTo(rejects!) }),
    );
  }

  async openResult(job: string): Promise<OpenResult | undefined> {
    const result = await this.facts<ResultFacts>(job, 'result');
    if (!result) return undefined;
    const content = this.bytes(job, 'result', CONTENT);
    return { result, content, rejects: this.bytes(job, 'result', REJECTS) };
  }

  async remove(job: string): Promise<boolean> {
    if (!JOB.test(job)) return false;
    const scratch = join(this.directory, `.${uuidv7()}`);
    const moved = rename(this.path(job), scratch).then(() => true);
    if ((await orUndefined(moved)) === undefined) return false;
    await syncDirectory(this.directory);
    await rm(scratch, { recursive: true, force: true });
    return true;
  }

  async sweep(before: Date): Promise<void> {
    await sweepScratch(this.directory, before);
    for (const job of await namesIn(this.directory))
      await removeOld(join(this.directory, job), before);
  }

  /** Writes files beside their facts; the directory has its name once all are on the disk. */
  private async putOnce<Facts>(
    job: string,
    name: string,
    files: readonly string[],
    write: (files: FileHandle[]) => Promise<Facts>,
  ): Promise<Facts> {
    const home = this.path(job);
    const scratch = join(this.directory, `.${uuidv7()}`);
    await makeDirectory(this.directory);
    await mkdir(scratch);
    try {
      const facts = await writeFiles(scratch, files, write);
      await writeDurably(join(scratch, FACTS), Buffer.from(`${JSON.stringify(facts)}\n`));
      await syncDirectory(scratch);
      await makeDirectory(home);
      await rename(scratch, join(home, name));
      await syncDirectory(home);
      return facts;
    } catch (error) {
      const there = hasCode(error, 'ENOTEMPTY', 'EEXIST') && (await this.facts<Facts>(job, name));
      if (!there) throw error;
      return there;
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }

  private async facts<Facts>(job: string, name: string): Promise<Facts | undefined> {
    if (!JOB.test(job)) return undefined;
    const text = await orUndefined(readFile(join(this.path(job), name, FACTS), 'utf8'));
    return text === undefined ? undefined : (JSON.parse(text) as Facts);
  }

  private bytes(job: string, ...names: readonly string[]): Bytes {
    return bytesOf(join(this.path(job), ...names));
  }

  private path(job: string): string {
    if (!JOB.test(job)) throw new Error(`"${job}" is no id of a job`);
    return join(this.directory, job);
  }
}

function writerTo(file: FileHandle): (bytes: Uint8Array) => Promise<void> {
  return (bytes) => file.writeFile(bytes);
}

/** Lets files be written, and flushes them. */
async function writeFiles<Facts>(
  directory: string,
  names: readonly string[],
  write: (files: FileHandle[]) => Promise<Facts>,
): Promise<Facts> {
  const files: FileHandle[] = [];
  try {
    for (const name of names) files.push(await open(join(directory, name), 'wx'));
    const facts = await write(files);
    for (const file of files) await file.sync();
    return facts;
  } finally {
    for (const file of files) await file.close();
  }
}
