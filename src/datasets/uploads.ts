import { createHash } from 'node:crypto';
import { type Agenda, NO_AGENDA } from '../chores/port.js';
import { LapidaryError } from '../core/errors.js';
import { uuidv7 } from '../core/ids.js';
import { gunzip } from '../rows/gunzip.js';
import { expiryOf } from './chores.js';
import type { Part, Upload, UploadState, UploadStore } from './port.js';
import type { Appended, DatasetService } from './service.js';

export interface UploadLimits {
  partBytes: number;
  /** Lifetime of an open upload. */
  lifeMs: number;
  /** Maximum open uploads; unlimited by default. */
  open?: number;
}

/** Format of the bytes of an upload. */
type UploadForm = Partial<Pick<Upload, 'format' | 'compression' | 'charset'>>;

/** Receives batches in parts, each of which can be sent again. */
export class UploadService {
  private starting: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly uploads: UploadStore,
    private readonly datasets: DatasetService,
    readonly limits: UploadLimits,
    private readonly agenda: Agenda = NO_AGENDA,
  ) {}

  /** Starts an upload. @throws LapidaryError `dataset_not_found`, `too_many_uploads` */
  start(dataset: string, as: UploadForm): Promise<Upload> {
    // One after another, so that each counts those before it.
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
    await this.datasets.definitionOf(dataset);
    await this.agenda.note(...expiryOf(dataset, upload));
    await this.uploads.start(dataset, upload);
    return upload;
  }

  /** Describes an upload. @throws LapidaryError `upload_not_found`, also when it has expired */
  async describe(dataset: string, id: string): Promise<UploadState> {
    const upload = await this.uploads.read(dataset, id);
    if (upload && new Date(upload.expiresAt) > new Date()) return upload;
    const what = upload ? `upload "${id}" expired at ${upload.expiresAt}` : `no upload "${id}"`;
    throw new LapidaryError('upload_not_found', `dataset "${dataset}": ${what}`);
  }

  /**
   * Stores a part, and replaces one with the same number.
   * @param checksum SHA-256 that the bytes must have, in hexadecimal
   * @throws LapidaryError `upload_not_found`, `checksum_mismatch`, `payload_too_large`, `plan_exceeded`,
   *   `upload_incomplete` if the upload is already complete
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
      throw new LapidaryError(
        'upload_incomplete',
        `upload "${id}" was completed as batch ${batch}`,
      );
    const others = parts.filter((part) => part.number !== number);
    const { bytes: largest, datasetBytes } = this.datasets.limits;
    const taken = others.reduce((sum, { bytes }) => sum + bytes, 0);
    const planned = ((await datasetBytes?.()) ?? Number.POSITIVE_INFINITY) - taken;
    const most = Math.min(this.limits.partBytes, largest - taken);
    let written = { checksum: '', bytes: 0 };
    await this.uploads.putPart(dataset, id, number, async (sink) => {
      written = await copyChecked(chunks, sink, checksum, most, planned);
      return written;
    });
    return { number, ...written };
  }

  /**
   * Appends the parts as a batch. It can be repeated, even after it succeeded.
   * @param named numbers from 1 on, without a gap, with their checksums
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
      // A concurrent completion removes the parts.
      const { batch } = (await this.uploads.read(dataset, id)) ?? {};
      if (batch === undefined) throw error;
      return this.completed(dataset, batch);
    }
  }

  /** Removes an upload and its parts. @throws LapidaryError `upload_not_found` */
  async abort(dataset: string, id: string): Promise<void> {
    const upload = await this.describe(dataset, id);
    await this.uploads.abort(dataset, id);
    await this.agenda.drop(...expiryOf(dataset, upload));
  }

  /** Returns all uploads, partly removed ones included. */
  list(): Promise<{ dataset: string; id: string }[]> {
    return this.uploads.list();
  }

  /**
   * Removes an upload that expired before a moment, or was partly removed before it.
   * @returns the later moment for one that is left; undefined: nothing is left
   */
  sweep(dataset: string, id: string, before: Date): Promise<Date | undefined> {
    return this.uploads.sweep(dataset, id, before);
  }

  private async completed(dataset: string, batch: string) {
    return { batch: (await this.datasets.openBatch(dataset, batch)).batch, created: false };
  }
}

/** Copies a part. @param maximum its largest size in bytes @param planned the bytes that the plan leaves for it */
async function copyChecked(
  chunks: AsyncIterable<Uint8Array>,
  sink: (bytes: Uint8Array) => Promise<void>,
  checksum: string | undefined,
  maximum: number,
  planned: number,
): Promise<{ checksum: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > planned) {
      const detail = `the plan leaves ${planned} bytes for this part of the upload`;
      throw new LapidaryError('plan_exceeded', detail);
    }
    if (bytes > maximum)
      throw new LapidaryError('payload_too_large', `the part is larger than ${maximum} bytes`);
    hash.update(chunk);
    await sink(chunk);
  }
  const actual = hash.digest('hex');
  if (checksum !== undefined && actual !== checksum) {
    const detail = `the SHA-256 of the ${bytes} bytes received is ${actual}, not ${checksum}`;
    throw new LapidaryError('checksum_mismatch', detail);
  }
  return { checksum: actual, bytes };
}

/** Returns the named parts. @throws LapidaryError `upload_incomplete` */
function match(
  { parts }: UploadState,
  named: readonly Pick<Part, 'number' | 'checksum'>[],
): Part[] {
  const there = new Map(parts.map((part) => [part.number, part]));
  const faults = named.flatMap(({ number, checksum }, i) => {
    const part = there.get(number);
    if (number !== i + 1) return [`part ${number} is listed in place of part ${i + 1}`];
    if (!part) return [`part ${number} is missing`];
    return part.checksum === checksum ? [] : [`part ${number} has SHA-256 ${part.checksum}`];
  });
  const unnamed = parts.filter(({ number }) => number > named.length);
  faults.push(...unnamed.map(({ number }) => `part ${number} was received but is not listed`));
  if (faults.length === 0) return named.map(({ number }) => there.get(number)!);
  throw new LapidaryError('upload_incomplete', faults.slice(0, 20).join('; '));
}
