import { join } from 'node:path';
import { SharpImageDecoder } from './adapters/local/image-decoder.js';
import { openStorage, type Storage } from './compose/storage.js';
import type { composeTrainer } from './compose/trainer.js';
import type { Config } from './config.js';
import { LapidaryError } from './core/errors.js';
import type { OnCommitted } from './datasets/batches/service.js';
import type { DatasetServices } from './datasets/routes.js';
import type { Job } from './jobs/job.js';
import type { JobNotifier, JobStore } from './jobs/port.js';
import type { JobService } from './jobs/service.js';
import { PredictionService } from './prediction/service.js';
import { Registry } from './registry/service.js';
import { VersionService } from './registry/versions.js';
import type { FitService } from './training/fit.js';
import type { Follower } from './training/follow.js';
import type { ImportService } from './training/import/service.js';
import type { TrainingWork } from './training/job.js';
import type { TrainingService } from './training/service.js';

const HOUR_MS = 3_600_000;

/** What the hosts work with. */
export interface App {
  registry: Registry;
  versions: VersionService;
  predictions: PredictionService;
  /** Loaded when asked for, once: predictions need none of it. */
  datasets(): Promise<DatasetServices>;
  /** Loaded when asked for: serving needs none of it. */
  training(): Promise<TrainingService>;
  /** Loaded when asked for, likewise. */
  imports(): Promise<ImportService>;
  /** Loaded when asked for, once. */
  jobs(): Promise<JobService>;
  /** Fits models to datasets, likewise. */
  fitting(): Promise<FitService>;
  /** Has models trained when their datasets grow, likewise. */
  follower(): Promise<Follower>;
  /** What jobs of training work with, likewise. */
  trainingWork(): Promise<TrainingWork>;
  /** What the trainer function on AWS works with. */
  trainer(onError: (error: unknown, job: Job) => void): ReturnType<typeof composeTrainer>;
}

/** What a host is like. */
export interface Keeping {
  /** How it keeps up with moved aliases: requests look, or it has the registry look. */
  requestsLook: boolean;
  /** Hears that a batch was committed and its trainings could not be submitted; they will be later. */
  onUnsubmitted?: (error: unknown, dataset: string) => void;
}

interface OpenJobs {
  store: JobStore;
  notifier: JobNotifier;
  service: JobService;
}

/** Puts the application together; with src/compose/ the only place that knows which adapters there are. */
export async function compose(
  config: Config,
  { requestsLook, onUnsubmitted }: Keeping = { requestsLook: false },
): Promise<App> {
  const storage = await openStorage(config);
  const registry = new Registry(
    storage.registry,
    requestsLook ? { checkAfter: config.MODEL_REFRESH_S * 1000 } : {},
  );
  let opened: Promise<DatasetServices> | undefined;
  let openedJobs: Promise<OpenJobs> | undefined;
  const datasets = (): Promise<DatasetServices> => {
    opened ??= openDatasets(config, storage, async (dataset) => {
      try {
        await (await follower()).onBatch(dataset);
      } catch (error) {
        // The batch is there: what was not submitted now is found when models are reconciled.
        onUnsubmitted?.(error, dataset);
      }
    });
    return opened;
  };
  const openDataset = async (dataset: string) =>
    (await datasets()).datasets.openDataset({ dataset });
  const versions = new VersionService(storage.registry, registry);
  const definitions = () => storage.definitions(openDataset);
  const trainer = async () => {
    const { Trainer } = await import('./training/train.js');
    const { WorkerTrainingRunner } = await import('./adapters/local/training-runner.js');
    return new Trainer(new WorkerTrainingRunner(new URL('./training-worker.js', import.meta.url)));
  };
  const allJobs = (): Promise<OpenJobs> => {
    openedJobs ??= openJobs(config);
    return openedJobs;
  };
  const follower = async () => {
    const { Follower } = await import('./training/follow.js');
    return new Follower(await definitions(), versions, lazily(app.jobs));
  };
  const app: App = {
    registry,
    versions,
    predictions: new PredictionService(registry, new SharpImageDecoder()),
    datasets,
    async training() {
      const { TrainingService } = await import('./training/service.js');
      return new TrainingService(await definitions(), registry, await trainer());
    },
    async imports() {
      const { ImportService } = await import('./training/import/service.js');
      const { LocalForeignModels } = await import('./adapters/local/foreign-models.js');
      return new ImportService(new LocalForeignModels(), await definitions(), registry);
    },
    jobs: async () => (await allJobs()).service,
    async fitting() {
      const { FitService } = await import('./training/fit.js');
      const { datasets: service } = await datasets();
      return new FitService(await definitions(), service, versions, await app.jobs());
    },
    follower,
    trainingWork: async () => ({
      definitions: await definitions(),
      registry,
      versions,
      trainer: await trainer(),
      jobs: await app.jobs(),
    }),
    async trainer(onError) {
      const { trainingHandler } = await import('./training/job.js');
      const { composeTrainer } = await import('./compose/trainer.js');
      if (config.JOBS_TABLE === '')
        throw new LapidaryError('not_ready', 'JOBS_TABLE must be set for the trainer');
      const { store, notifier } = await allJobs();
      const work = await app.trainingWork();
      return composeTrainer(config, {
        store,
        notifier,
        handlers: { training: trainingHandler(work) },
        follower: await follower(),
        definitions: work.definitions,
        datasets: (await datasets()).datasets,
        onError,
      });
    },
  };
  return app;
}

/** Jobs that are opened once somebody is followed: a batch that nobody trains on opens nothing. */
function lazily(open: () => Promise<JobService>): Pick<JobService, 'submit' | 'list' | 'listOpen'> {
  return {
    submit: async (request) => (await open()).submit(request),
    list: async (filter, page) => (await open()).list(filter, page),
    listOpen: async () => (await open()).listOpen(),
  };
}

/** Jobs, and who is told of them: on AWS where there is a table for them. */
async function openJobs(config: Config): Promise<OpenJobs> {
  const { JobService } = await import('./jobs/service.js');
  const { store, notifier } = await (config.JOBS_TABLE === ''
    ? localJobs(config)
    : awsJobs(config));
  return { store, notifier, service: new JobService(store, notifier) };
}

async function localJobs(config: Config) {
  const { LmdbJobStore } = await import('./adapters/local/jobs.js');
  const store = await LmdbJobStore.open(join(config.DATA_DIR, 'jobs'));
  return { store, notifier: { notify: async () => {} } };
}

async function awsJobs(config: Config) {
  const { openAwsJobs } = await import('./compose/aws-jobs.js');
  return openAwsJobs(config);
}

async function openDatasets(
  config: Config,
  storage: Storage,
  onCommitted: OnCommitted,
): Promise<DatasetServices> {
  const { DatasetService } = await import('./datasets/batches/service.js');
  const { UploadService } = await import('./datasets/batches/uploads.js');
  const stores = await storage.datasets();
  const limits = { bytes: config.BATCH_LIMIT_BYTES, badShare: config.MAX_BAD_PERCENT / 100 };
  const datasets = new DatasetService(stores.store, limits, onCommitted);
  const uploads = new UploadService(stores.uploads, datasets, {
    partBytes: config.UPLOAD_PART_BYTES,
    lifeMs: config.UPLOAD_LIFE_HOURS * HOUR_MS,
  });
  return { datasets, uploads };
}
