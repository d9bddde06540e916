import type { AccessServices } from './access/services.js';
import { SharpImageDecoder } from './adapters/local/image-decoder.js';
import type { JobWorkersObserver } from './adapters/local/job-workers.js';
import { openAccessFor } from './compose/access.js';
import { Jobs } from './compose/jobs.js';
import { once } from './compose/once.js';
import { onThisMachine } from './compose/storage.js';
import type { composeTrainer } from './compose/trainer.js';
import type { Config } from './config.js';
import { LapidaryError } from './core/errors.js';
import type { DatasetServices } from './datasets/routes.js';
import type { Job } from './jobs/job.js';
import type { JobService } from './jobs/service.js';
import type { JobHandlers, JobWorker } from './jobs/worker.js';
import type { BatchPredictionService } from './prediction/batches/service.js';
import { PredictionService } from './prediction/service.js';
import { Registry } from './registry/service.js';
import { VersionService } from './registry/versions.js';
import type { FitService } from './training/fit.js';
import type { Follower } from './training/follow.js';
import type { ImportService } from './training/import/service.js';
import type { TrainingService } from './training/service.js';

const HOUR_MS = 3_600_000;

/** What the hosts work with. Whatever serving does not need is loaded when it is asked for, once. */
export interface App {
  registry: Registry;
  versions: VersionService;
  predictions: PredictionService;
  datasets(): Promise<DatasetServices>;
  training(): Promise<TrainingService>;
  imports(): Promise<ImportService>;
  jobs(): Promise<JobService>;
  batchPredictions(): Promise<BatchPredictionService>;
  /** Clients, keys, plans and usage. */
  access(): Promise<AccessServices>;
  /** Fits models to datasets. */
  fitting(): Promise<FitService>;
  /** Has models trained when their datasets grow. */
  follower(): Promise<Follower>;
  /** Does jobs in this process. */
  jobWorker(observer: JobObserver): Promise<JobWorker>;
  /** Has the processes beside this one do what jobs were left from before. */
  resumeJobs(): Promise<void>;
  /** Ends the processes beside this one. */
  stopJobs(): Promise<void>;
  /** What the trainer function on AWS works with. */
  trainer(onError: JobObserver['failed']): ReturnType<typeof composeTrainer>;
}

/** Hears of the jobs that are done in this process. */
export interface JobObserver {
  /** By our fault. */
  failed(error: unknown, job: Job): void;
  /** The model may have another version now. */
  trained(model: string): void;
}

/** What a host is like. */
export interface Keeping {
  /** How it keeps up with moved aliases: requests look, or it has the registry look. */
  requestsLook: boolean;
  /** It has processes beside it that do its jobs, and hears of them; left out, others do them. */
  jobWorkers?: JobWorkersObserver;
  /** Threads that train at the same time; as many as there are processors when left out. */
  trainingThreads?: number;
  /** Hears that a batch was committed and its trainings could not be submitted; they will be later. */
  onUnsubmitted?: (error: unknown, dataset: string) => void;
}

/** Puts the application together; here, and in `compose/`, adapters are named, and nowhere else. */
export async function compose(
  config: Config,
  { requestsLook, jobWorkers, trainingThreads, onUnsubmitted }: Keeping = { requestsLook: false },
): Promise<App> {
  const storage =
    config.STORE === 'aws'
      ? (await import('./compose/aws-storage.js')).onAws(config)
      : onThisMachine(config);
  const registry = new Registry(
    storage.registry,
    requestsLook ? { checkAfter: config.MODEL_REFRESH_S * 1000 } : {},
  );
  const versions = new VersionService(storage.registry, registry);
  const opened = new Jobs(config, jobWorkers);
  const jobs = async () => (await opened.open()).service;

  const datasets = once(async () => {
    const { DatasetService } = await import('./datasets/batches/service.js');
    const { UploadService } = await import('./datasets/batches/uploads.js');
    const { store, uploads } = await storage.datasets();
    const limits = { bytes: config.BATCH_LIMIT_BYTES, badShare: config.MAX_BAD_PERCENT / 100 };
    const service = new DatasetService(store, limits, trainFollowers);
    const parts = {
      partBytes: config.UPLOAD_PART_BYTES,
      lifeMs: config.UPLOAD_LIFE_HOURS * HOUR_MS,
    };
    return { datasets: service, uploads: new UploadService(uploads, service, parts) };
  });
  const openDataset = async (dataset: string, first?: number) =>
    (await datasets()).datasets.openDataset({ dataset, ...(first !== undefined && { first }) });
  const definitions = once(() => storage.definitions(openDataset));

  const follower = once(async () => {
    const { Follower } = await import('./training/follow.js');
    // Jobs are opened once somebody is followed: a batch that nobody trains on opens nothing.
    return new Follower(await definitions(), versions, {
      submit: async (request) => (await jobs()).submit(request),
      list: async (filter, page) => (await jobs()).list(filter, page),
      listOpen: async () => (await jobs()).listOpen(),
    });
  });
  async function trainFollowers(dataset: string): Promise<void> {
    try {
      await (await follower()).onBatch(dataset);
    } catch (error) {
      // The batch is there: what was not submitted now is found when models are reconciled.
      onUnsubmitted?.(error, dataset);
    }
  }

  const trainer = once(async () => {
    const { Trainer } = await import('./training/train.js');
    const { WorkerTrainingRunner } = await import('./adapters/local/training-runner.js');
    const script = new URL('./training-worker.js', import.meta.url);
    return new Trainer(new WorkerTrainingRunner(script, trainingThreads));
  });
  const handlers = once(async (): Promise<JobHandlers> => {
    const { trainingHandler } = await import('./training/job.js');
    const { batchPredictionHandler } = await import('./prediction/job.js');
    return {
      training: trainingHandler({
        definitions: await definitions(),
        registry,
        versions,
        trainer: await trainer(),
        jobs: await jobs(),
      }),
      'batch-prediction': batchPredictionHandler({
        registry,
        store: await storage.batchPredictions(),
        openDataset,
        maximumBadShare: config.MAX_BAD_PERCENT / 100,
      }),
    };
  });

  return {
    registry,
    versions,
    predictions: new PredictionService(registry, new SharpImageDecoder()),
    datasets,
    jobs,
    follower,
    access: once(() => openAccessFor(config)),
    training: once(async () => {
      const { TrainingService } = await import('./training/service.js');
      return new TrainingService(await definitions(), registry, await trainer());
    }),
    imports: once(async () => {
      const { ImportService } = await import('./training/import/service.js');
      const { LocalForeignModels } = await import('./adapters/local/foreign-models.js');
      return new ImportService(new LocalForeignModels(), await definitions(), registry);
    }),
    batchPredictions: once(async () => {
      const { BatchPredictionService } = await import('./prediction/batches/service.js');
      const store = await storage.batchPredictions();
      const rows = async () => (await datasets()).datasets;
      const limits = { bytes: config.BATCH_LIMIT_BYTES };
      return new BatchPredictionService(registry, versions, jobs, store, rows, limits);
    }),
    fitting: once(async () => {
      const { FitService } = await import('./training/fit.js');
      const { datasets: service } = await datasets();
      return new FitService(await definitions(), service, versions, await jobs());
    }),
    async jobWorker({ failed, trained }) {
      const { JobWorker } = await import('./jobs/worker.js');
      const { workerOptions } = await import('./compose/trainer.js');
      const { store } = await opened.open();
      const { training, ...others } = await handlers();
      const telling: JobHandlers = {
        ...others,
        async training(job, context) {
          const result = await training!(job, context);
          trained(job.model);
          return result;
        },
      };
      return new JobWorker(store, telling, { ...workerOptions(config), onError: failed });
    },
    resumeJobs: () => opened.resume(),
    stopJobs: () => opened.stop(),
    async trainer(onError) {
      if (config.JOBS_TABLE === '')
        throw new LapidaryError('not_ready', 'JOBS_TABLE must be set for the trainer');
      const { composeTrainer } = await import('./compose/trainer.js');
      const { store, notifier } = await opened.open();
      return composeTrainer(config, {
        store,
        notifier,
        handlers: await handlers(),
        follower: await follower(),
        definitions: await definitions(),
        datasets: (await datasets()).datasets,
        onError,
      });
    },
  };
}
