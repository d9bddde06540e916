import { isUuid, uuidv7 } from '../../core/ids.js';
import type { Part, PartFacts, Upload, UploadState, UploadStore } from '../../datasets/port.js';
import { MissingObject, type Objects } from '../objects/objects.js';
import type { DatasetStates } from './dataset-states.js';
import {
  dataKey,
  isOpenUpload,
  latestParts,
  nextPart,
  noUpload,
  parsePart,
  partGone,
  type StoredPart,
} from './upload-parts.js';

const UPLOAD = 'upload.json';
const BATCH = 'batch';

/**
 * Stores an upload as objects `uploads/<id>/…` of its dataset; it exists as long as its `upload.json` does. The bytes of a
 * part are `data/<part id>`; the key of an empty object in `parts/` describes the part, so that one list returns a
 * thousand. Neither changes: another part of the same number has other objects.
 */
export class StoredUploads implements UploadStore {
  constructor(
    private readonly objects: Objects,
    private readonly states: DatasetStates,
  ) {}

  async start(dataset: string, upload: Upload): Promise<void> {
    const key = `${await this.states.get(dataset)}uploads/${upload.id}/${UPLOAD}`;
    await this.objects.createOnce(key, Buffer.from(JSON.stringify(upload)));
  }

  async read(dataset: string, upload: string): Promise<UploadState | undefined> {
    const directory = await this.directoryOf(dataset, upload);
    if (directory === undefined) return undefined;
    const [text, batch, parts] = await Promise.all([
      this.objects.readText(directory + UPLOAD),
      this.objects.readText(directory + BATCH),
      this.partsIn(directory),
    ]);
    if (text === undefined) return undefined;
    const known = parts.map(({ number, checksum, bytes }) => ({ number, checksum, bytes }));
    return { ...(JSON.parse(text) as Upload), parts: known, ...(batch && { batch }) };
  }

  async putPart(
    dataset: string,
    upload: string,
    number: number,
    write: (sink: (bytes: Uint8Array) => Promise<void>) => Promise<PartFacts>,
  ): Promise<void> {
    const directory = await this.find(dataset, upload);
    if (directory === undefined) throw noUpload(upload);
    const id = uuidv7();
    const data = dataKey(directory, id);
    const facts = await this.writeData(data, write);
    const last = (await this.partsIn(directory)).find((part) => part.number === number);
    if (last?.checksum === facts.checksum) {
      await this.objects.remove([data]);
      return;
    }
    const { key, turn } = nextPart(directory, { number, ...facts }, last, id);
    await this.objects.createOnce(key, new Uint8Array(), { free: true });
    if ((await this.find(dataset, upload)) === undefined) {
      // It was aborted meanwhile, possibly before this part was listed.
      await this.objects.remove([key, data]);
      throw noUpload(upload);
    }
    const older = (await this.allPartsIn(directory)).filter(
      (part) => part.number === number && part.turn < turn,
    );
    await this.removeParts(older);
  }

  async *readParts(
    dataset: string,
    upload: string,
    parts: readonly Part[],
  ): AsyncGenerator<Uint8Array> {
    const directory = await this.directoryOf(dataset, upload);
    const there = directory === undefined ? [] : await this.partsIn(directory);
    for (const { number, checksum } of parts) {
      const part = there.find((object) => object.number === number && object.checksum === checksum);
      if (!part) throw partGone(number);
      try {
        yield* this.objects.stream(part.data);
      } catch (error) {
        throw error instanceof MissingObject ? partGone(number) : error;
      }
    }
  }

  async finish(dataset: string, upload: string, batch: string): Promise<void> {
    const directory = await this.find(dataset, upload);
    if (directory === undefined) return;
    await this.objects.createOnce(directory + BATCH, Buffer.from(batch), { free: true });
    await this.removeParts(await this.allPartsIn(directory));
  }

  async abort(dataset: string, upload: string): Promise<boolean> {
    const directory = await this.find(dataset, upload);
    if (directory === undefined) return false;
    await this.objects.remove([directory + UPLOAD]);
    await this.objects.removeAll(directory);
    return true;
  }

  async countOpen(): Promise<number> {
    let open = 0;
    for (const { dataset, id } of await this.list()) {
      const upload = await this.read(dataset, id);
      if (upload && isOpenUpload(upload)) open++;
    }
    return open;
  }

  async list(): Promise<{ dataset: string; id: string }[]> {
    const found: { dataset: string; id: string }[] = [];
    for (const dataset of await this.states.names()) {
      const root = await this.states.find(dataset);
      if (root === undefined) continue;
      for (const { name: id } of await this.objects.directories(`${root}uploads/`))
        found.push({ dataset, id });
    }
    return found;
  }

  async sweep(dataset: string, upload: string, before: Date): Promise<Date | undefined> {
    const directory = await this.directoryOf(dataset, upload);
    if (directory === undefined) return undefined;
    const text = await this.objects.readText(directory + UPLOAD);
    // Half aborted when a process crashed.
    const halfAborted = async () => (await this.objects.lastModified(directory)) ?? new Date(0);
    const since = text ? new Date((JSON.parse(text) as Upload).expiresAt) : await halfAborted();
    if (since >= before) return since;
    await this.objects.remove([directory + UPLOAD]);
    await this.objects.removeAll(directory);
    return (await this.objects.sweep(directory, before)) ? new Date() : undefined;
  }

  private async writeData(
    key: string,
    write: (sink: (bytes: Uint8Array) => Promise<void>) => Promise<PartFacts>,
  ): Promise<PartFacts> {
    const writer = this.objects.write(key);
    try {
      const facts = await write((bytes) => writer.write(bytes));
      await writer.end();
      return facts;
    } catch (error) {
      await writer.abort();
      throw error;
    }
  }

  /** Returns the prefix of the keys of an upload; undefined when it does not exist. */
  private async find(dataset: string, upload: string): Promise<string | undefined> {
    const directory = await this.directoryOf(dataset, upload);
    const text = directory && (await this.objects.readText(directory + UPLOAD));
    return text && directory;
  }

  /** Returns the prefix that the keys of an upload would have; undefined when its dataset does not exist. */
  private async directoryOf(dataset: string, upload: string): Promise<string | undefined> {
    if (!isUuid(upload)) return undefined;
    const root = await this.states.find(dataset);
    return root && `${root}uploads/${upload}/`;
  }

  /** Returns the latest part of each number, in order. */
  private async partsIn(directory: string): Promise<StoredPart[]> {
    return latestParts(await this.allPartsIn(directory));
  }

  private async allPartsIn(directory: string): Promise<StoredPart[]> {
    const parts: StoredPart[] = [];
    for await (const object of this.objects.list(`${directory}parts/`)) {
      const part = parsePart(object);
      if (part) parts.push(part);
    }
    return parts;
  }

  /** Removes parts, first the objects that name their bytes: unnamed bytes are removed with the upload. */
  private async removeParts(parts: readonly StoredPart[]): Promise<void> {
    await this.objects.remove(parts.map(({ key }) => key));
    await this.objects.remove(parts.map(({ data }) => data));
  }
}
