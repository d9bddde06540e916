import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SharpImageDecoder } from './adapters/local/image-decoder.js';
import type { JobWorkersObserver, LocalJobWorkers } from './adapters/local/job-workers.js';
import type { LmdbJobStore } from './adapters/local/jobs.js';
import { LocalRegistryStore } from './adapters/local/registry.js';
import type { Config } from './config.js';
import type { OnCommitted } from './datasets/batches/service.js';
import type { DatasetServices } from './datasets/routes.js';
import type { Job } from './jobs/job.js';
import type { JobService } from './jobs/service.js';
import type { JobHandler, JobHandlers, JobWorker } from './jobs/worker.js';
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
  /** Does jobs in this process. */
  jobWorker(observer: JobObserver): Promise<JobWorker>;
  /** Has the processes beside this one do what jobs were left from before; without such, it loads nothing. */
  resumeJobs(): Promise<void>;
  /** Ends the processes beside this one. */
  stopJobs(): Promise<void>;
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
  /** Hears that a batch was committed and its trainings could not be submitted; they will be later. */
  onUnsubmitted?: (error: unknown, dataset: string) => void;
  /** It has processes beside it that do its jobs, and hears of them; left out, others do them. */
  jobWorkers?: JobWorkersObserver;
}

/** Puts the application together; the only place that knows which adapters there are. */
export function compose(
  config: Config,
  { requestsLook, jobWorkers, onUnsubmitted }: Keeping = { requestsLook: false },
): App {
  const store = new LocalRegistryStore(config.MODEL_DIR);
  const registry = new Registry(
    store,
    requestsLook ? { checkAfter: config.MODEL_REFRESH_S * 1000 } : {},
  );
  let opened: Promise<DatasetServices> | undefined;
  const datasets = (): Promise<DatasetServices> => {
    opened ??= openDatasets(config, async (dataset) => {
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
  const versions = new VersionService(store, registry);
  const definitions = async () => {
    const { LocalModelDefinitions } = await import('./adapters/local/model-definitions.js');
    return new LocalModelDefinitions(config.MODEL_DIR, openDataset);
  };
  const trainer = async () => {
    const { Trainer } = await import('./training/train.js');
    const { WorkerTrainingRunner } = await import('./adapters/local/training-runner.js');
    return new Trainer(new WorkerTrainingRunner(new URL('./training-worker.js', import.meta.url)));
  };
  const follower = async () => {
    const { Follower } = await import('./training/follow.js');
    return new Follower(await definitions(), versions, lazily(app.jobs));
  };
  const jobs = new Jobs(config, jobWorkers);
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
    jobs: async () => (await jobs.open()).service,
    async jobWorker(observer) {
      const { store } = await jobs.open();
      const { JobWorker } = await import('./jobs/worker.js');
      return new JobWorker(store, await jobHandlers(app, observer), {
        leaseMs: config.JOB_LEASE_S * 1000,
        maxAttempts: config.JOB_MAX_ATTEMPTS,
        onError: observer.failed,
      });
    },
    resumeJobs: () => jobs.resume(),
    stopJobs: () => jobs.stop(),
  };
  return app;
}

/** Who does the jobs of each kind. */
async function jobHandlers(app: App, { trained }: JobObserver): Promise<JobHandlers> {
  const { trainingHandler } = await import('./training/job.js');
  const training: JobHandler = trainingHandler(await app.trainingWork());
  return {
    async training(job, context) {
      const result = await training(job, context);
      trained(job.model);
      return result;
    },
  };
}

/** Jobs that are opened once somebody is followed: a batch that nobody trains on opens nothing. */
function lazily(open: () => Promise<JobService>): Pick<JobService, 'submit' | 'list' | 'listOpen'> {
  return {
    submit: async (request) => (await open()).submit(request),
    list: async (filter, page) => (await open()).list(filter, page),
    listOpen: async () => (await open()).listOpen(),
  };
}

/** Where jobs are kept, and the processes that do them: opened and started when they are needed. */
class Jobs {
  private readonly directory: string;
  private opened: Promise<{ store: LmdbJobStore; service: JobService }> | undefined;
  private workers: LocalJobWorkers | undefined;

  constructor(
    private readonly config: Config,
    private readonly observer: JobWorkersObserver | undefined,
  ) {
    this.directory = join(config.DATA_DIR, 'jobs');
  }

  open() {
    this.opened ??= this.load();
    return this.opened;
  }

  async resume(): Promise<void> {
    if (!this.hasWorkers || !existsSync(this.directory)) return;
    const { service } = await this.open();
    if ((await service.listOpen()).length > 0) this.workers?.start();
  }

  async stop(): Promise<void> {
    await this.opened?.catch(() => undefined);
    await this.workers?.stop();
  }

  private get hasWorkers(): boolean {
    return this.observer !== undefined && this.config.JOB_WORKERS > 0;
  }

  private async load() {
    const { JobService } = await import('./jobs/service.js');
    const { LmdbJobStore } = await import('./adapters/local/jobs.js');
    const store = await LmdbJobStore.open(this.directory);
    if (this.hasWorkers) {
      const { LocalJobWorkers } = await import('./adapters/local/job-workers.js');
      const main = new URL('./main.js', import.meta.url);
      this.workers = new LocalJobWorkers(main, this.config.JOB_WORKERS, this.observer!);
    }
    return { store, service: new JobService(store, this.workers ?? { async notify() {} }) };
  }
}

async function openDatasets(config: Config, onCommitted: OnCommitted): Promise<DatasetServices> {
  const { DatasetService } = await import('./datasets/batches/service.js');
  const { UploadService } = await import('./datasets/batches/uploads.js');
  const { DatasetDirectories } = await import('./adapters/local/dataset-directories.js');
  const { LocalDatasetStore } = await import('./adapters/local/datasets.js');
  const { LocalUploadStore } = await import('./adapters/local/dataset-uploads.js');
  const directories = new DatasetDirectories(join(config.DATA_DIR, 'datasets'));
  const limits = { bytes: config.BATCH_LIMIT_BYTES, badShare: config.MAX_BAD_PERCENT / 100 };
  const datasets = new DatasetService(new LocalDatasetStore(directories), limits, onCommitted);
  const uploads = new UploadService(new LocalUploadStore(directories), datasets, {
    partBytes: config.UPLOAD_PART_BYTES,
    lifeMs: config.UPLOAD_LIFE_HOURS * HOUR_MS,
  });
  return { datasets, uploads };
}
