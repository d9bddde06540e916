import { isUuid, uuidv7 } from '../../core/ids.js';
import type {
  BatchPredictionStore,
  InputFacts,
  OpenInput,
  OpenResult,
  ResultDraft,
  ResultFacts,
} from '../../prediction/port.js';
import { jsonLine, type Objects } from '../objects/objects.js';

const ROOT = 'batch-predictions/';
const CONTENT = 'content';
const REJECTS = 'rejects.csv';
const NAMES = ['input', 'result'] as const;

type Name = (typeof NAMES)[number];
type Write = (bytes: Uint8Array) => Promise<void>;
/** The facts of an input or a result, and the prefix of its keys. */
type Entry<Facts> = { facts: Facts; at: string };

/**
 * Stores inputs and results as objects `batch-predictions/<job>/<uuid>/…`, which are not read until `<job>/input.json` or
 * `<job>/result.json` names them. Each of these is created once.
 */
export class StoredBatchPredictions implements BatchPredictionStore {
  constructor(private readonly objects: Objects) {}

  putInputOnce(job: string, write: (sink: Write) => Promise<InputFacts>): Promise<InputFacts> {
    return this.putOnce(job, 'input', [CONTENT], ([content]) => write(content!));
  }

  async openInput(job: string): Promise<OpenInput | undefined> {
    const entry = await this.entry<InputFacts>(job, 'input');
    return entry && { input: entry.facts, content: this.bytes(entry, CONTENT) };
  }

  putResultOnce(
    job: string,
    write: (draft: ResultDraft) => Promise<ResultFacts>,
  ): Promise<ResultFacts> {
    return this.putOnce(job, 'result', [CONTENT, REJECTS], ([content, rejects]) =>
      write({ writeContent: content!, writeRejects: rejects! }),
    );
  }

  async openResult(job: string): Promise<OpenResult | undefined> {
    const entry = await this.entry<ResultFacts>(job, 'result');
    if (!entry) return undefined;
    const content = this.bytes(entry, CONTENT);
    return { result: entry.facts, content, rejects: this.bytes(entry, REJECTS) };
  }

  async remove(job: string): Promise<boolean> {
    if (!isUuid(job) || !(await this.objects.hasAny(homeOf(job)))) return false;
    // First the objects that name the others, so that no reader finds a part.
    await this.objects.remove(NAMES.map((name) => entryKey(job, name)));
    await this.objects.removeAll(homeOf(job));
    return true;
  }

  jobs(): Promise<string[]> {
    return this.objects.names(ROOT);
  }

  async sweep(job: string, before: Date): Promise<Date | undefined> {
    const younger = await this.objects.sweep(homeOf(job), before);
    const last = await this.objects.lastModified(homeOf(job));
    if (last && last >= before) return last;
    await this.remove(job);
    return younger ? new Date() : undefined;
  }

  private async putOnce<Facts>(
    job: string,
    name: Name,
    files: readonly string[],
    write: (writes: Write[]) => Promise<Facts>,
  ): Promise<Facts> {
    if (!isUuid(job)) throw new Error(`"${job}" is not the id of a job`);
    const at = `${homeOf(job)}${uuidv7()}/`;
    const writers = files.map((file) => this.objects.write(at + file));
    let keep = false;
    try {
      const facts = await write(writers.map((writer) => (bytes) => writer.write(bytes)));
      for (const writer of writers) await writer.end();
      const entry: Entry<Facts> = { facts, at };
      // It may be referenced from here on, even if the call fails.
      keep = true;
      keep = await this.objects.createOnce(entryKey(job, name), jsonLine(entry), { free: true });
      return keep ? facts : ((await this.entry<Facts>(job, name))?.facts ?? facts);
    } finally {
      if (!keep) {
        for (const writer of writers) await writer.abort();
        await this.objects.removeAll(at);
      }
    }
  }

  private async entry<Facts>(job: string, name: Name): Promise<Entry<Facts> | undefined> {
    if (!isUuid(job)) return undefined;
    return this.objects.readJson(entryKey(job, name));
  }

  private bytes({ at }: Entry<unknown>, file: string) {
    return { read: () => this.objects.stream(at + file) };
  }
}

function homeOf(job: string): string {
  return `${ROOT}${job}/`;
}

function entryKey(job: string, name: Name): string {
  return `${homeOf(job)}${name}.json`;
}
