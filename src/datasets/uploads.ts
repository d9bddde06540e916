import { createHash } from 'node:crypto';
import { LapidaryError } from '../core/errors.js';
import { uuidv7 } from '../core/ids.js';
import { gunzip } from '../rows/gunzip.js';
import type { Part, Upload, UploadState, UploadStore } from './port.js';
import type { Appended, DatasetService } from './service.js';

export interface UploadLimits {
  partBytes: number;
  /** How long an upload can be gone on with. */
  lifeMs: number;
  /** How many can be open at a time; any number when left out. */
  open?: number;
}

/** How the bytes of an upload are written. */
type UploadForm = Partial<Pick<Upload, 'format' | 'compression' | 'charset'>>;

/** Batches that come in parts: each can be sent again, and which are there can be asked. */
export class UploadService {
  private starting: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly uploads: UploadStore,
    private readonly datasets: DatasetService,
    readonly limits: UploadLimits,
  ) {}

  /** @throws LapidaryError `dataset_not_found`, `too_many_uploads` */
  start(dataset: string, as: UploadForm): Promise<Upload> {
    // One after another: together they would not see each other.
    const started = this.starting.then(() => this.startNext(dataset, as));
    this.starting = started.catch(() => undefined);
    return started;
  }

  private async startNext(
    dataset: string,
    { format = 'csv', ...rest }: UploadForm,
  ): Promise<Upload> {
    const { open = Number.POSITIVE_INFINITY } = this.limits;
    if (open !== Number.POSITIVE_INFINITY && (await this.uploads.countOpen()) >= open) {
      const detail = `${open} uploads are open: complete or abort one before you start another`;
      throw new LapidaryError('too_many_uploads', detail);
    }
    const expiresAt = new Date(Date.now() + this.limits.lifeMs).toISOString();
    const upload = { id: uuidv7(), format, expiresAt, ...rest };
    await this.uploads.start(dataset, upload);
    return upload;
  }

  /** @throws LapidaryError `upload_not_found`, also when it has expired */
  async describe(dataset: string, id: string): Promise<UploadState> {
    const upload = await this.uploads.read(dataset, id);
    if (upload && new Date(upload.expiresAt) > new Date()) return upload;
    const what = upload ? `upload "${id}" expired at ${upload.expiresAt}` : `no upload "${id}"`;
    throw new LapidaryError('upload_not_found', `dataset "${dataset}": ${what}`);
  }

  /**
   * Keeps a part, in place of another with its number.
    const { bytes: largest, datasetBytes } = this.datasets.limits;
    const taken = others.reduce((sum, { bytes }) => sum + bytes, 0);
    const room = largest - taken;
    const planned = ((await datasetBytes?.()) ?? Number.POSITIVE_INFINITY) - taken;
    let written = { checksum: '', bytes: 0 };
   *   `upload_incomplete` when it is complete already
   */
  async putPart(
    dataset: string,
    id: string,
    number: number,
    checksum: string | undefined,
    chunks: AsyncIterable<Uint8Array>,
  ): Promise<Part> {
    const { parts, batch } = await this.describe(dataset, id);
    if (batch !== undefined)
      throw new LapidaryError('upload_incomplete', `upload "${id}" is batch ${batch} already`);
    const others = parts.filter((part) => part.number !== number);
    const { bytes: largest, datasetBytes } = this.datasets.limits;
    const taken = others.reduce((sum, { bytes }) => sum + bytes, 0);
    const room = largest - taken;
    const planned = ((await datasetBytes?.()) ?? Number.POSITIVE_INFINITY) - taken;
    let written = { checksum: '', bytes: 0 };
    await this.uploads.putPart(dataset, id, number, async (sink) => {
      const withinPlan = limited(chunks, planned);
      const most = Math.min(this.limits.partBytes, room);
      written = await copyChecked(withinPlan, sink, checksum, most);
      return written;
    });
    return { number, ...written };
  }

  /**
   * Makes the parts a batch. It may be asked again, also when it was done already.
   * @param named numbers from 1 on, without a gap, with the checksums that they have to have
   * @throws LapidaryError `upload_not_found`, `upload_incomplete`, and what appending a batch throws
   */
  async complete(
    dataset: string,
    id: string,
    named: readonly Pick<Part, 'number' | 'checksum'>[],
  ): Promise<Appended> {
    const upload = await this.describe(dataset, id);
    if (upload.batch !== undefined) return this.completed(dataset, upload.batch);
    const parts = match(upload, named);
    try {
      const bytes = this.uploads.readParts(dataset, id, parts);
      const chunks = upload.compression ? gunzip(bytes) : bytes;
      const put = await this.datasets.append(dataset, upload.format, chunks, upload);
      await this.uploads.finish(dataset, id, put.batch.id);
      return put;
    } catch (error) {
      // Who completed it at the same time took the parts away.
      const { batch } = (await this.uploads.read(dataset, id)) ?? {};
      if (batch === undefined) throw error;
      return this.completed(dataset, batch);
    }
  }

  /** Forgets an upload and its parts. @throws LapidaryError `upload_not_found` */
  async abort(dataset: string, id: string): Promise<void> {
    await this.describe(dataset, id);
    await this.uploads.abort(dataset, id);
  }

  /** Removes expired uploads. @param before they expired before that */
  sweep(before: Date): Promise<void> {
    return this.uploads.sweep(before);
  }

  private async completed(dataset: string, batch: string) {
    return { batch: (await this.datasets.openBatch(dataset, batch)).batch, created: false };
  }
}

/** @throws LapidaryError `plan_exceeded` when more come */
async function* limited(
  chunks: AsyncIterable<Uint8Array>,
  planned: number,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > planned) {
      const detail = `the plan leaves ${planned} bytes for this part of the upload`;
      throw new LapidaryError('plan_exceeded', detail);
    }
    yield chunk;
  }
}

async function copyChecked(
  chunks: AsyncIterable<Uint8Array>,
  sink: (bytes: Uint8Array) => Promise<void>,
  checksum: string | undefined,
  maximum: number,
): Promise<{ checksum: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maximum)
      throw new LapidaryError('payload_too_large', `the part is larger than ${maximum} bytes`);
    hash.update(chunk);
    await sink(chunk);
  }
  const actual = hash.digest('hex');
  if (checksum !== undefined && actual !== checksum) {
    const detail = `${bytes} bytes came, of SHA-256 ${actual}, not ${checksum}`;
    throw new LapidaryError('checksum_mismatch', detail);
  }
  return { checksum: actual, bytes };
}

/** The parts that were named. @throws LapidaryError `upload_incomplete` */
function match(
  { parts }: UploadState,
  named: readonly Pick<Part, 'number' | 'checksum'>[],
): Part[] {
  const there = new Map(parts.map((part) => [part.number, part]));
  const faults = named.flatMap(({ number, checksum }, i) => {
    const part = there.get(number);
    if (number !== i + 1) return [`part ${number} is named where part ${i + 1} should be`];
    if (!part) return [`part ${number} is not there`];
    return part.checksum === checksum ? [] : [`part ${number} has SHA-256 ${part.checksum}`];
  });
  const unnamed = parts.filter(({ number }) => number > named.length);
  faults.push(...unnamed.map(({ number }) => `part ${number} is there but not named`));
  if (faults.length === 0) return named.map(({ number }) => there.get(number)!);
  const told = faults.slice(0, 20).join('; ');
  throw new LapidaryError('upload_incomplete', told);
}
