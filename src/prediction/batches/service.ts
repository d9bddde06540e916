import { createHash } from 'node:crypto';
import { LapidaryError } from '../../core/errors.js';
import { uuidOf, uuidv7 } from '../../core/ids.js';
import { OPERATOR } from '../../core/operator.js';
import { columnsOf } from '../../datasets/index.js';
import type { BatchFormat } from '../../datasets/port.js';
import type { DatasetService } from '../../datasets/service.js';
import { jobOf, requireOrder } from '../../jobs/index.js';
import { isOpen, type Job } from '../../jobs/port.js';
import type { JobService } from '../../jobs/service.js';
import type { Spec } from '../../ml/spec.js';
import type { VersionService } from '../../registry/service.js';
import { isBlank } from '../../rows/text/blank.js';
import { Remarks } from '../../rows/text/reading.js';
import { readText } from '../../rows/text/text.js';
import type { ServingService } from '../../serving/service.js';
import type { BatchPredictionStore, InputFacts, OpenResult } from '../port.js';
import type { NoteStored } from './chores.js';
import { checkHeader } from './csv.js';
import { BATCH_PREDICTION, type BatchOrder, isSameRequest } from './order.js';

/** Options of a batch prediction. */
export interface BatchAsked {
  /** The version that predicts; the champion by default. */
  version?: string;
  /** A repeated key returns the same job. */
  key?: string;
}

/** Submits batch predictions of rows or datasets, and returns their results. */
export class BatchPredictionService {
  constructor(
    private readonly registry: ServingService,
    private readonly versions: Pick<VersionService, 'describe'>,
    private readonly jobs: () => Promise<JobService>,
    private readonly store: BatchPredictionStore,
    private readonly datasets: () => Promise<DatasetService>,
    readonly limits: { bytes: number; planBytes?: () => Promise<number | null> },
    private readonly client = OPERATOR,
    private readonly noteStored: NoteStored = async () => {},
  ) {}

  /**
   * Stores rows and submits the job that predicts them; both are durable when this resolves.
   * @throws LapidaryError `model_not_found`, `version_not_found`, `version_corrupt`; `invalid_dataset` when a
   *   column is missing, `unsupported_charset`, `payload_too_large`, `idempotency_mismatch`, `too_many_jobs`
   */
  async submitRows(
    model: string,
    format: BatchFormat,
    chunks: AsyncIterable<Uint8Array>,
    { version, key, charset }: BatchAsked & { charset?: string } = {},
  ): Promise<Job> {
    const spec = await this.specOf(model, version);
    const id = this.idOf(model, key);
    const before = key === undefined ? undefined : await this.find(id);
    if (!before) await (await this.jobs()).makeRoom();
    const remarks = new Remarks();
    const text = readText(chunks, { format, charset, unnamed: 'refused', onRemark: remarks.add });
    if (!before) await this.noteStored(id);
    // Rows that are stored already are only checked.
    let sent: InputFacts | undefined;
    const copy = async (sink: (bytes: Uint8Array) => Promise<void>) => {
      sent = await this.copy(spec, format, text, sink);
      return sent;
    };
    const input = before ? await copy(async () => {}) : await this.store.putInputOnce(id, copy);
    const asked = { input: sent ?? input, ...(version !== undefined && { version }) };
    const kept = { ...asked, input, ...(remarks.all.length > 0 && { remarks: remarks.all }) };
    if (!isSameRequest(asked, before?.order ?? kept)) throw mismatch(key);
    return before ?? this.submit(id, model, kept, key);
  }

  /**
   * Submits the job that predicts the valid rows of a dataset as it is now.
   * @throws LapidaryError `model_not_found`, `version_not_found`, `version_corrupt`, `dataset_not_found`;
   *   `invalid_dataset` when it lacks features of the model, `idempotency_mismatch`, `too_many_jobs`
   */
  async submitDataset(
    model: string,
    dataset: string,
    { version, key }: BatchAsked = {},
  ): Promise<Job> {
    const spec = await this.specOf(model, version);
    const datasets = await this.datasets();
    const { definition, totals } = await datasets.describe(dataset, { limit: 1 });
    const columns = columnsOf(definition);
    const missing = spec.features.map(({ name }) => name).filter((name) => !columns.includes(name));
    if (missing.length > 0) {
      const detail = `dataset "${dataset}" lacks ${missing.join(', ')}; its columns are ${columns.join(', ')}`;
      throw new LapidaryError('invalid_dataset', detail);
    }
    const { batches, rows } = totals;
    if (rows === 0) throw new LapidaryError('invalid_dataset', `dataset "${dataset}" has no rows`);
    const order = { dataset, batches, rows, ...(version !== undefined && { version }) };
    return this.submit(this.idOf(model, key), model, order, key);
  }

  /**
   * Opens the result of a job.
   * @throws LapidaryError `job_not_found`, `job_not_finished`; `result_not_found` when the job failed or its result was
   *   removed
   */
  async openResult(model: string, id: string): Promise<OpenResult> {
    const job = await (await this.jobs()).get(id);
    if (job.kind !== BATCH_PREDICTION.kind || job.model !== model) {
      const detail = `model "${model}" has no batch prediction "${id}"`;
      throw new LapidaryError('job_not_found', detail);
    }
    if (isOpen(job)) throw new LapidaryError('job_not_finished', `the job is ${job.state}`);
    const open = job.state === 'succeeded' ? await this.store.openResult(id) : undefined;
    if (open) return open;
    const reason = job.error ? `: ${job.error.detail}` : '';
    const detail =
      job.state === 'succeeded' ? 'the result was removed' : `the job ${wordOf(job)}${reason}`;
    throw new LapidaryError('result_not_found', detail);
  }

  /** Returns the jobs with stored rows or a result. */
  stored(): Promise<string[]> {
    return this.store.jobs();
  }

  /**
   * Removes rows and result of a job without a put since a time.
   * @returns the time of its last put if the data is left
   */
  sweep(job: string, before: Date): Promise<Date | undefined> {
    return this.store.sweep(job, before);
  }

  private async submit(id: string, model: string, order: BatchOrder, key?: string): Promise<Job> {
    const jobs = await this.jobs();
    const job = await jobs.submit({ ...jobOf(BATCH_PREDICTION, model, order), id });
    requireOrder(BATCH_PREDICTION, job);
    // Another request may have used the key at the same time.
    if (!isSameRequest(job.order, order)) throw mismatch(key);
    return job;
  }

  private idOf(model: string, key: string | undefined): string {
    return key === undefined ? uuidv7() : uuidOf('batch-prediction', this.client, model, key);
  }

  private async specOf(model: string, version?: string): Promise<Spec> {
    const { version: champion } = await this.registry.champion(model);
    if (version === undefined || version === champion.id) return champion.spec;
    return (await this.versions.describe(model, version)).spec;
  }

  private async find(id: string): Promise<Job<BatchOrder> | undefined> {
    try {
      const job = await (await this.jobs()).get(id);
      requireOrder(BATCH_PREDICTION, job);
      return job;
    } catch (error) {
      if (error instanceof LapidaryError && error.code === 'job_not_found') return undefined;
      throw error;
    }
  }

  /** Copies rows as UTF-8, and checks their header before the rest arrives. */
  private async copy(
    spec: Spec,
    format: BatchFormat,
    chunks: AsyncIterable<Uint8Array>,
    sink: (bytes: Uint8Array) => Promise<void>,
  ): Promise<InputFacts> {
    const hash = createHash('sha256');
    const maximum = this.limits.bytes;
    const planned = (await this.limits.planBytes?.()) ?? Number.POSITIVE_INFINITY;
    let bytes = 0;
    let isEmpty = true;
    async function* kept(): AsyncGenerator<Uint8Array> {
      for await (const chunk of chunks) {
        bytes += chunk.length;
        if (bytes > maximum) {
          const detail = `the rows have more than ${maximum} bytes, decompressed`;
          throw new LapidaryError('payload_too_large', detail);
        }
        if (bytes > planned) {
          const detail = `the plan allows ${planned} bytes of rows in a batch prediction, decompressed`;
          throw new LapidaryError('plan_exceeded', detail);
        }
        isEmpty &&= isBlank(chunk);
        hash.update(chunk);
        await sink(chunk);
        yield chunk;
      }
    }
    const rows = kept();
    if (format === 'csv') await checkHeader(spec, rows);
    for await (const _rest of rows);
    if (isEmpty) throw new LapidaryError('invalid_dataset', 'the body has no rows');
    return { format, checksum: hash.digest('hex'), bytes };
  }
}

function wordOf({ state }: Job): string {
  return state === 'failed' ? 'failed' : 'was cancelled';
}

function mismatch(key = ''): LapidaryError {
  const detail = `the Idempotency-Key ${JSON.stringify(key)} was used for another request to this model`;
  return new LapidaryError('idempotency_mismatch', detail);
}
