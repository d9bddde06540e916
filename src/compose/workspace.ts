import { noteRemoval } from '../access/chores.js';
import { CountedBytes } from '../access/counted-bytes.js';
import type { Plan } from '../access/index.js';
import type { ByteCounter } from '../access/port.js';
import { StorageQuota } from '../access/stored-bytes.js';
import { SharpImageDecoder } from '../adapters/local/image-decoder.js';
import { countObjects } from '../adapters/objects/counted.js';
import type { Objects } from '../adapters/objects/objects.js';
import type { Agenda } from '../chores/port.js';
import { OPERATOR } from '../core/operator.js';
import { eventType, labelled, type Signals } from '../core/signals.js';
import type { DatasetServices } from '../datasets/routes.js';
import type { BatchLimits, Commits } from '../datasets/service.js';
import type { JobService } from '../jobs/service.js';
import type { BatchPredictionWork } from '../prediction/batches/attempt.js';
import { noteStoredIn } from '../prediction/batches/chores.js';
import type { BatchPredictionService } from '../prediction/batches/service.js';
import type { Conclude } from '../prediction/port.js';
import { ImagePreparer, PredictionService } from '../prediction/service.js';
import { VersionService } from '../registry/service.js';
import { ServingService } from '../serving/service.js';
import type { TrainingWork } from '../training/attempt.js';
import { noteTrainings } from '../training/chores.js';
import type { Follower } from '../training/follow.js';
import type { ImportService } from '../training/import/service.js';
import type { ModelDefinitions } from '../training/port.js';
import type { FittingService } from '../training/service.js';
import type { VersionMaker } from '../training/version-maker.js';
import type { Workbench } from '../training/workbench.js';
import { resultLifeOf } from './capabilities.js';
import type { Config } from './config.js';
import { once } from './once.js';
import { storageIn } from './storage.js';

const HOUR_MS = 3_600_000;

/** Services of one client. Services that serving does not need are opened on first use. */
export interface Workspace {
  /** The client, or the operator. */
  readonly client: string;
  readonly registry: ServingService;
  readonly versions: VersionService;
  readonly predictions: PredictionService;
  datasets(): Promise<DatasetServices>;
  definitions(): Promise<ModelDefinitions>;
  workbench(): Promise<Workbench>;
  imports(): Promise<ImportService>;
  jobs(): Promise<JobService>;
  batchPredictions(): Promise<BatchPredictionService>;
  /** Fits models to datasets. */
  fitting(): Promise<FittingService>;
  /** Submits trainings of models whose datasets grow. */
  follower(): Promise<Follower>;
  /** Measures the stored bytes again, since their count includes removed ones. */
  measure(): Promise<void>;
  /** Opens the services of training jobs. */
  trainingWork(): Promise<TrainingWork>;
  /** Returns the bytes that a model is trained on; undefined when its data is in files. */
  trainingBytes(model: string): Promise<number | undefined>;
  /** Opens the services of batch predictions. */
  batchPredictionWork(): Promise<BatchPredictionWork>;
}

/** Dependencies that the workspaces of a process share. */
export interface WorkspaceParts {
  config: Config;
  /** Whether requests check the aliases; otherwise the host refreshes them. */
  requestsLook: boolean;
  jobsOf(client: string): Promise<JobService>;
  maker(): Promise<VersionMaker>;
  /** Returns the plan of a client. */
  planOf(client: string): Promise<Plan>;
  /** Counts the stored bytes of a client; undefined where they are measured. */
  counterOf?: ((client: string) => Promise<ByteCounter>) | undefined;
  /** Returns the agenda of a client, to which its services add the chores that are due later. */
  agendaOf(client: string): Agenda;
  signals: Signals;
}

/** A batch was committed, but not all trainings were submitted; a chore submits them. */
const UNSUBMITTED = eventType<{ dataset: string; err: unknown }>(
  'training.unsubmitted',
  'error',
  'a training could not be submitted; a chore retries it',
);

/** Counts predictions before they are answered; the job of a batch counts its own. */
const conclude: Conclude = (conclusion) => {
  if (conclusion.role === 'champion' || conclusion.role === 'challenger')
    return conclusion.asked.reservation?.count();
};

/** Opens a workspace. @param shared has the models of all clients, which are read-only here */
export function composeWorkspace(
  client: string,
  objects: Objects,
  { config, requestsLook, jobsOf, maker, planOf, counterOf, agendaOf, ...parts }: WorkspaceParts,
  shared?: Pick<Workspace, 'registry' | 'versions'>,
): Workspace {
  const measured = { measure: () => objects.bytes() };
  const stored = counterOf ? new CountedBytes(measured, () => counterOf(client)) : measured;
  const agenda = agendaOf(client);
  const onRemove = async () => counterOf && noteRemoval(agenda);
  const quota = new StorageQuota(stored, () => planOf(client));
  const room = () => quota.openRoom();
  const kept = client === OPERATOR ? objects : countObjects(objects, room, onRemove);
  const storage = storageIn(kept);
  const datasetBytes = async () =>
    client === OPERATOR ? null : (await planOf(client)).maxDatasetBytes;
  const signals = client === OPERATOR ? parts.signals : labelled(parts.signals, { client });
  const keeping = {
    signals,
    shared: shared?.registry,
    ...(requestsLook && { checkAfter: config.MODEL_REFRESH_S * 1000 }),
  };
  const registry = new ServingService(storage.registry, keeping);
  const versions = new VersionService(storage.registry, registry, shared?.versions, agenda);
  const preparers = [new ImagePreparer(new SharpImageDecoder())];
  const jobs = () => jobsOf(client);

  const datasets = once(async () => {
    const { DatasetService } = await import('../datasets/service.js');
    const { UploadService } = await import('../datasets/uploads.js');
    const { store, uploads } = await storage.datasets();
    const limits: BatchLimits = {
      bytes: config.BATCH_LIMIT_BYTES,
      badShare: config.MAX_BAD_PERCENT / 100,
      datasetBytes,
    };
    const service = new DatasetService(store, limits, commits, agenda);
    const parts = {
      partBytes: config.UPLOAD_PART_BYTES,
      lifeMs: config.UPLOAD_LIFE_HOURS * HOUR_MS,
      ...(client !== OPERATOR && { open: config.MAX_OPEN_UPLOADS }),
    };
    return { datasets: service, uploads: new UploadService(uploads, service, parts, agenda) };
  });
  const openDataset = async (dataset: string, first?: number) =>
    (await datasets()).datasets.openDataset({ dataset, ...(first !== undefined && { first }) });
  const definitions = once(() => storage.definitions(openDataset));
  const noteStored = noteStoredIn(agenda, resultLifeOf(config));
  const batchStore = once(() => storage.batchPredictions());

  const follower = once(async () => {
    const { Follower } = await import('../training/follow.js');
    // A batch without followers does not open the jobs.
    return new Follower(await definitions(), versions, {
      submit: async (request) => (await jobs()).submit(request),
      list: async (filter, page) => (await jobs()).list(filter, page),
      listOpen: async () => (await jobs()).listOpen(),
    });
  });
  const commits: Commits = {
    before: (dataset) => noteTrainings(agenda, dataset),
    async after(dataset) {
      try {
        await (await follower()).onBatch(dataset);
      } catch (error) {
        signals.event(UNSUBMITTED, { dataset, err: error });
      }
    },
  };

  return {
    client,
    registry,
    versions,
    predictions: new PredictionService(registry, { preparers, conclude, signals }),
    datasets,
    definitions,
    jobs,
    follower,
    async measure() {
      if (counterOf && client !== OPERATOR) await stored.measure();
    },
    workbench: once(async () => {
      const { Workbench } = await import('../training/workbench.js');
      const { TRAINING_MAX_S } = config;
      return new Workbench(await definitions(), registry, versions, await maker(), TRAINING_MAX_S);
    }),
    imports: once(async () => {
      const { ImportService } = await import('../training/import/service.js');
      const { LocalForeignModels } = await import('../adapters/local/foreign-models.js');
      return new ImportService(new LocalForeignModels(), await definitions(), registry, versions);
    }),
    batchPredictions: once(async () => {
      const { BatchPredictionService } = await import('../prediction/batches/service.js');
      const store = await batchStore();
      const rows = async () => (await datasets()).datasets;
      const limits = { bytes: config.BATCH_LIMIT_BYTES, planBytes: datasetBytes };
      return new BatchPredictionService(
        ...([registry, versions, jobs, store, rows, limits, client, noteStored] as const),
      );
    }),
    fitting: once(async () => {
      const { FittingService } = await import('../training/service.js');
      const { datasets: service } = await datasets();
      return new FittingService(await definitions(), service, versions, await jobs(), agenda);
    }),
    trainingWork: once(async () => ({
      definitions: await definitions(),
      registry,
      versions,
      maker: await maker(),
      jobs: await jobs(),
      mostSeconds: config.TRAINING_MAX_S,
    })),
    async trainingBytes(model) {
      const { dataset } = await (await definitions()).readDefinition(model);
      if (dataset === undefined) return undefined;
      const { datasets: service } = await datasets();
      return (await service.describe(dataset, { limit: 1 })).totals.bytes;
    },
    batchPredictionWork: once(async () => ({
      registry,
      store: await batchStore(),
      openDataset,
      preparers,
      conclude,
      noteStored,
      maximumBadShare: config.MAX_BAD_PERCENT / 100,
    })),
  };
}
