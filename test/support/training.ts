import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LmdbJobStore } from '../../src/adapters/local/jobs.js';
import { Directory } from '../../src/adapters/objects/directory.js';
import { StoredModelDefinitions } from '../../src/adapters/stores/model-definitions.js';
import { SILENT } from '../../src/core/signals.js';
import { DatasetService } from '../../src/datasets/service.js';
import { UploadService } from '../../src/datasets/uploads.js';
import { jobOf } from '../../src/jobs/index.js';
import { meteredHandlers } from '../../src/jobs/metered.js';
import { JobService } from '../../src/jobs/service.js';
import { JobWorker } from '../../src/jobs/worker.js';
import type { TrainableSpec } from '../../src/ml/spec.js';
import { PooledRows } from '../../src/ml/trainer/pooled-rows.js';
import { trainMember } from '../../src/ml/trainer/trainer.js';
import { VersionService } from '../../src/registry/service.js';
import { ServingService } from '../../src/serving/service.js';
import { Follower } from '../../src/training/follow.js';
import { trainingJobs } from '../../src/training/job.js';
import { TRAINING, type TrainingOrder, type TrainingResult } from '../../src/training/order.js';
import type { PlanCompiler } from '../../src/training/parity.js';
import type { StoredRows, TrainingRunner } from '../../src/training/port.js';
import { FittingService } from '../../src/training/service.js';
import { VersionMaker } from '../../src/training/version-maker.js';
import { BOXES } from './boxes.js';
import { chunked } from './datasets.js';
import { modelsIn, openDatasets, registryIn } from './stores.js';

export { BOXES, boxesCsv } from './boxes.js';

interface HeldRows extends StoredRows {
  records: Float32Array;
}

/** Trains in this process, one member after another, and counts the trainings. */
export class InlineRunner implements TrainingRunner<HeldRows> {
  trainings = 0;
  released = 0;

  async store(width: number, collect: Parameters<TrainingRunner['store']>[1]): Promise<HeldRows> {
    const records: number[] = [];
    await collect({
      append: async (inputs, targets) => {
        targets.forEach((target, row) => {
          records.push(...inputs.subarray(row * width, (row + 1) * width), target);
        });
      },
    });
    return { width, count: records.length / (width + 1), records: Float32Array.from(records) };
  }

  async train(...[task, rows, onEpoch, signal]: Parameters<TrainingRunner<HeldRows>['train']>) {
    this.trainings++;
    const { width, count, records } = rows;
    const trained = [];
    for (let member = 0; member < task.spec.network.members; member++) {
      const read = (first: number, many: number) =>
        records.slice(first * (width + 1), (first + many) * (width + 1));
      const pooled = new PooledRows({ width, count, all: records, read }, count);
      trained.push(
        await trainMember({ ...task, backend: 'wasm' }, pooled, member, (progress) => {
          signal?.throwIfAborted();
          onEpoch(progress);
        }),
      );
      signal?.throwIfAborted();
    }
    return trained;
  }

  async release(): Promise<void> {
    this.released++;
  }
}

export const BOXES_SPEC: TrainableSpec = {
  name: 'boxes',
  title: 'Boxes',
  description: 'What a box weighs.',
  task: 'regression',
  features: BOXES.features,
  target: BOXES.target,
  encoding: [
    { encode: 'standard', feature: 'side' },
    { encode: 'oneHot', feature: 'material' },
  ],
  network: { hidden: [8], activation: 'swish', members: 1 },
  hyperparameters: {
    epochs: 8,
    batchSize: 16,
    learningRate: 0.03,
    warmup: 0.05,
    beta2: 0.95,
    averaging: 0.9,
    validation: 0.2,
    patience: 8,
    loss: 'meanAbsoluteError',
    seed: 7,
  },
};

/**
 * Returns datasets, models and jobs in a directory of their own, and a worker in this process.
 * @param mostSeconds time limit of a training @param compile compiles networks
 */
export async function newTrainingWorld(mostSeconds = 600, compile?: PlanCompiler) {
  const directory = mkdtempSync(join(tmpdir(), 'lapidary-training-'));
  const stores = openDatasets(new Directory(directory));
  const datasets = new DatasetService(
    stores.store,
    { bytes: 1 << 24, badShare: 0.1 },
    { after: async (dataset) => void (await follower.onBatch(dataset)) },
  );
  const uploads = new UploadService(stores.uploadStore, datasets, {
    partBytes: 1 << 20,
    lifeMs: 3_600_000,
  });
  const models = join(directory, 'models');
  const store = registryIn(models);
  const registry = new ServingService(store);
  const versions = new VersionService(store, registry);
  const definitions = new StoredModelDefinitions(modelsIn(models), (dataset) =>
    datasets.openDataset({ dataset }),
  );
  const jobStore = await LmdbJobStore.open(join(directory, 'jobs'));
  const jobs = new JobService(jobStore, { notify: async () => {} });
  const follower = new Follower(definitions, versions, jobs);
  const fits = new FittingService(definitions, datasets, versions, jobs);
  const runner = new InlineRunner();
  const work = {
    definitions,
    registry,
    versions,
    maker: new VersionMaker(runner, compile),
    jobs,
    mostSeconds,
  };
  const failures: unknown[] = [];
  const row = trainingJobs(
    async () => work,
    async () => undefined,
  );
  const worker = new JobWorker(
    jobStore,
    meteredHandlers([row], () => Promise.reject(new Error('the operator has none'))),
    {
      leaseMs: 600,
      maxAttempts: 3,
      signals: {
        ...SILENT,
        event: (_type, fields) => void failures.push((fields as { err?: unknown }).err),
      },
    },
  );
  const order = (change: Partial<TrainingOrder> = {}, model = 'boxes') =>
    jobs.submit(jobOf(TRAINING, model, { reason: 'manual', ...change }));
  return {
    ...work,
    directory,
    models,
    datasets,
    uploads,
    follower,
    fits,
    jobStore,
    runner,
    worker,
    failures,
    order,
    append: (csv: string, dataset = 'boxes') => datasets.append(dataset, 'csv', chunked(csv)),
    /** Submits a training, runs it, and returns its job. */
    async train(change: Partial<TrainingOrder> = {}, model = 'boxes') {
      const { id } = await order(change, model);
      while (await worker.runNext());
      const job = await jobs.get(id);
      if (failures.length > 0) throw failures[0];
      return { job, result: job.result as TrainingResult };
    },
    /** Runs all jobs. */
    async drain() {
      while (await worker.runNext());
      if (failures.length > 0) throw failures[0];
    },
    champion: async (model = 'boxes') => (await registry.champion(model, true)).version.id,
    remove: async () => {
      await jobStore.close();
      rmSync(directory, { recursive: true });
    },
  };
}
export type TrainingWorld = Awaited<ReturnType<typeof newTrainingWorld>>;
