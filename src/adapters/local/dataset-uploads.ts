import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { uuidv7 } from '../../core/ids.js';
import type { Part, PartFacts, Upload, UploadState, UploadStore } from '../../datasets/port.js';
import {
  isOpenUpload,
  isUploadId,
  latestParts,
  nextPartName,
  noUpload,
  type PartName,
  parsePartName,
  partGone,
} from '../stores/upload-parts.js';
import { type DatasetDirectories, namesIn, sweepScratch } from './dataset-directories.js';
import { hasCode, orUndefined, replaceFile, syncDirectory, writeDurably } from './durable.js';

const UPLOAD = 'upload.json';
const BATCH = 'batch';

/** A part that is in a file. */
interface PartFile extends PartName {
  bytes: number;
  file: string;
}

/**
 * An upload is a directory `uploads/<id>` of its dataset, with a file for each part. A part's file never
 * changes: another with its number is another file, of which the one written last counts.
 */
export class LocalUploadStore implements UploadStore {
  constructor(private readonly directories: DatasetDirectories) {}

  async start(dataset: string, upload: Upload): Promise<void> {
    const uploads = join(await this.directories.get(dataset), 'uploads');
    const scratch = join(uploads, `.${uuidv7()}`);
    try {
      await mkdir(scratch);
      await mkdir(join(scratch, 'parts'));
      await writeDurably(join(scratch, UPLOAD), Buffer.from(JSON.stringify(upload)));
      await syncDirectory(scratch);
      await rename(scratch, join(uploads, upload.id));
      await syncDirectory(uploads);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }

  async read(dataset: string, upload: string): Promise<UploadState | undefined> {
    const directory = await this.find(dataset, upload);
    const text = directory && (await orUndefined(readFile(join(directory, UPLOAD), 'utf8')));
    if (text === undefined) return undefined;
    const batch = await orUndefined(readFile(join(directory!, BATCH), 'utf8'));
    const parts = (await partFiles(directory!)).map(({ number, checksum, bytes }) => ({
      number,
      checksum,
      bytes,
    }));
    return { ...(JSON.parse(text) as Upload), parts, ...(batch && { batch }) };
  }

  async putPart(
    dataset: string,
    upload: string,
    number: number,
    write: (sink: (bytes: Uint8Array) => Promise<void>) => Promise<PartFacts>,
  ): Promise<void> {
    const directory = await this.find(dataset, upload);
    if (directory === undefined) throw noUpload(upload);
    const scratch = join(directory, `.${uuidv7()}`);
    try {
      const { checksum } = await writeScratch(scratch, write);
      const parts = await partFiles(directory);
      const last = parts.find((part) => part.number === number);
      if (last?.checksum === checksum) return;
      const { name, written } = nextPartName(number, last, checksum);
      await rename(scratch, join(directory, 'parts', name));
      await syncDirectory(join(directory, 'parts'));
      const older = (await allPartFiles(directory)).filter(
        (part) => part.number === number && part.written < written,
      );
      for (const { file } of older) await rm(file, { force: true });
    } catch (error) {
      throw hasCode(error, 'ENOENT') ? noUpload(upload) : error;
    } finally {
      await rm(scratch, { force: true });
    }
  }

  async *readParts(
    dataset: string,
    upload: string,
    parts: readonly Part[],
  ): AsyncGenerator<Uint8Array> {
    const directory = await this.find(dataset, upload);
    for (const { number, checksum } of parts) {
      const there = directory === undefined ? [] : await partFiles(directory);
      const part = there.find((file) => file.number === number && file.checksum === checksum);
      if (!part) throw partGone(number);
      yield* createReadStream(part.file, { highWaterMark: 1 << 18 });
    }
  }

  async finish(dataset: string, upload: string, batch: string): Promise<void> {
    const directory = await this.find(dataset, upload);
    if (directory === undefined) return;
    try {
      await replaceFile(join(directory, BATCH), Buffer.from(batch));
      for (const { file } of await allPartFiles(directory)) await rm(file, { force: true });
    } catch (error) {
      // It was aborted meanwhile.
      if (!hasCode(error, 'ENOENT')) throw error;
    }
  }

  async abort(dataset: string, upload: string): Promise<boolean> {
    const directory = await this.find(dataset, upload);
    if (directory === undefined) return false;
    const scratch = join(directory, '..', `.${uuidv7()}`);
    const moved = rename(directory, scratch).then(() => true);
    if ((await orUndefined(moved)) === undefined) return false;
    await syncDirectory(join(directory, '..'));
    await rm(scratch, { recursive: true, force: true });
    return true;
  }

  async countOpen(): Promise<number> {
    let open = 0;
    for await (const { upload } of this.all()) if (isOpenUpload(upload)) open++;
    return open;
  }

  async sweep(before: Date): Promise<void> {
    for await (const { dataset, upload } of this.all())
      if (new Date(upload.expiresAt) < before) await this.abort(dataset, upload.id);
    for (const dataset of await this.datasets()) {
      const root = await this.directories.find(dataset);
      if (root !== undefined) await sweepScratch(join(root, 'uploads'), before);
    }
  }

  private async *all(): AsyncGenerator<{ dataset: string; upload: UploadState }> {
    for (const dataset of await this.datasets()) {
      const root = await this.directories.find(dataset);
      const ids = root === undefined ? [] : await namesIn(join(root, 'uploads'));
      for (const id of ids) {
        const upload = await this.read(dataset, id);
        if (upload) yield { dataset, upload };
      }
    }
  }

  private async datasets(): Promise<readonly string[]> {
    return (await this.directories.list({ limit: Number.MAX_SAFE_INTEGER })).items;
  }

  private async find(dataset: string, upload: string): Promise<string | undefined> {
    const root = await this.directories.find(dataset);
    if (root === undefined || !isUploadId(upload)) return undefined;
    const directory = join(root, 'uploads', upload);
    return (await orUndefined(stat(directory))) && directory;
  }
}

async function writeScratch(
  path: string,
  write: (sink: (bytes: Uint8Array) => Promise<void>) => Promise<PartFacts>,
): Promise<PartFacts> {
  const file = await open(path, 'wx');
  try {
    const facts = await write((bytes) => file.writeFile(bytes));
    await file.sync();
    return facts;
  } finally {
    await file.close();
  }
}

/** The files that count, in the order of their numbers. */
async function partFiles(directory: string): Promise<PartFile[]> {
  return latestParts(await allPartFiles(directory));
}

async function allPartFiles(directory: string): Promise<PartFile[]> {
  const names = await namesIn(join(directory, 'parts'));
  const parts = names.map(async (name) => {
    const part = parsePartName(name);
    const file = join(directory, 'parts', name);
    const found = part && (await orUndefined(stat(file)));
    return found ? [{ ...part, bytes: found.size, file }] : [];
  });
  return (await Promise.all(parts)).flat();
}
