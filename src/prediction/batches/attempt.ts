import { createHash } from 'node:crypto';
import { LapidaryError } from '../../core/errors.js';
import type { CsvOptions } from '../../csv/reader.js';
import type { Job, JobContext } from '../../jobs/port.js';
import { Quarantine } from '../../rows/quarantine.js';
import type { DataSource } from '../../rows/source.js';
import { retire, type ServedModel, type ServingService, use } from '../../serving/service.js';
import type {
  BatchPredictionStore,
  Conclude,
  Preparer,
  ResultDraft,
  ResultFacts,
} from '../port.js';
import type { BatchResult } from './answers.js';
import type { NoteStored } from './chores.js';
import { predictCsv } from './csv.js';
import { predictNdjson } from './ndjson.js';
import { type BatchOrder, linksOf } from './order.js';

/** Services and limits of batch predictions. */
export interface BatchPredictionWork {
  registry: Pick<ServingService, 'champion' | 'loadVersion'>;
  store: BatchPredictionStore;
  /** Opens the first batches of a dataset as one CSV. */
  openDataset(dataset: string, batches: number): Promise<DataSource>;
  preparers: readonly Preparer[];
  conclude: Conclude;
  noteStored: NoteStored;
  /** Largest share of rejected rows. */
  maximumBadShare: number;
}

/** Rows to predict, and the progress through them. */
interface Rows {
  format: 'csv' | 'ndjson';
  csv?: Pick<CsvOptions, 'dialect' | 'exactHeader'>;
  read(): AsyncIterable<Uint8Array>;
  fraction(bytes: number, rows: number): number;
}

/**
 * Predicts the rows of a job. The result is stored whole or not at all; a job that is restarted after its result was
 * stored returns that result.
 */
export async function predictBatch(
  work: BatchPredictionWork,
  job: Job<BatchOrder>,
  context: JobContext,
) {
  const facts = await resultOf(job, context, work);
  await work.conclude({ role: 'batch', job, result: facts });
  context.metrics({ rows: facts.rows, rejected: facts.rejected });
  return { ...facts, links: linksOf(job) };
}

async function resultOf(
  job: Job<BatchOrder>,
  context: JobContext,
  work: BatchPredictionWork,
): Promise<ResultFacts> {
  const { registry, store } = work;
  const before = await store.openResult(job.id);
  if (before) {
    context.log('the result was stored before');
    return before.result;
  }
  const { order } = job;
  const served =
    order.version === undefined
      ? await registry.champion(job.model, true)
      : await registry.loadVersion(job.model, order.version);
  const end = use(served.model);
  try {
    const rows = await openRows(job, order, work);
    context.log(`version ${served.version.id} answers ${describe(order)}`);
    for (const remark of order.remarks ?? []) context.log(remark);
    await work.noteStored(job.id);
    const facts = await store.putResultOnce(job.id, (draft) =>
      run(job, served, rows, draft, context, work),
    );
    context.log(`${facts.rows} rows answered, ${facts.rejected} rejected`);
    return facts;
  } finally {
    end?.();
    // `serving` owns the champion: do not close it here.
    if (order.version !== undefined) void retire(served.model);
  }
}

/** @throws LapidaryError `input_not_found`, `dataset_not_found`, `batch_not_found` */
async function openRows(
  { id }: Job,
  order: BatchOrder,
  { store, openDataset }: Pick<BatchPredictionWork, 'store' | 'openDataset'>,
): Promise<Rows> {
  if ('dataset' in order) {
    const source = await openDataset(order.dataset, order.batches);
    if (source.format !== 'csv') throw new Error(`batches must be CSV, not ${source.format}`);
    const { read, dialect = {} } = source;
    const fraction = (_bytes: number, done: number) => done / order.rows;
    return { format: 'csv', read, fraction, csv: { dialect, exactHeader: true } };
  }
  const found = await store.openInput(id);
  if (!found)
    throw new LapidaryError('input_not_found', 'the rows were removed before they were predicted');
  const { input, content } = found;
  return { format: input.format, read: content.read, fraction: (bytes) => bytes / input.bytes };
}

async function run(
  { id }: Job,
  served: ServedModel,
  rows: Rows,
  draft: ResultDraft,
  context: JobContext,
  { preparers, maximumBadShare }: BatchPredictionWork,
): Promise<ResultFacts> {
  const { signal } = context;
  const hash = createHash('sha256');
  let bytesRead = 0;
  let bytes = 0;
  async function* watched(): AsyncGenerator<Uint8Array> {
    for await (const chunk of rows.read()) {
      signal.throwIfAborted();
      bytesRead += chunk.length;
      yield chunk;
    }
  }
  const predict = rows.format === 'csv' ? predictCsv : predictNdjson;
  const { rows: answered, rejected } = await predict(served, {
    input: watched(),
    async output(chunk) {
      hash.update(chunk);
      bytes += chunk.length;
      await draft.writeContent(chunk);
    },
    rejects: (chunk) => draft.writeRejects(chunk),
    job: id,
    preparers,
    maximumBadShare,
    ...rows.csv,
    onRemark: (remark) => context.log(remark),
    onRows: (soFar) => report(context, soFar, rows, bytesRead),
  });
  if (rejected === 0) await draft.writeRejects(new Quarantine().take());
  // The result of an aborted job is not put.
  signal.throwIfAborted();
  const version = served.version.id;
  return { version, rows: answered, rejected, checksum: hash.digest('hex'), bytes };
}

/** @throws LapidaryError `quota_exceeded` */
function report(context: JobContext, soFar: BatchResult, rows: Rows, bytesRead: number): void {
  const { maximumRows = Number.POSITIVE_INFINITY } = context;
  if (soFar.rows > maximumRows) {
    const detail = `the plan has ${maximumRows} predictions left this month; the input has more rows`;
    throw new LapidaryError('quota_exceeded', detail);
  }
  const fraction = Math.min(1, rows.fraction(bytesRead, soFar.rows + soFar.rejected));
  context.progress({ phase: 'predicting', fraction });
  context.metrics({ ...soFar });
}

function describe(order: BatchOrder): string {
  if ('input' in order) return `${order.input.bytes} bytes of ${order.input.format}`;
  const { dataset, batches, rows } = order;
  return `${rows} rows of dataset ${dataset} (its first ${batches} batches)`;
}
