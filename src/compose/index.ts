import { join } from 'node:path';
import type { AccessServices, AuditLog } from '../access/index.js';
import type { JobWorkersObserver } from '../adapters/local/job-workers.js';
import { LapidaryError } from '../core/errors.js';
import { SILENT, type Signals } from '../core/signals.js';
import { JOB_KINDS, type Job } from '../jobs/job.js';
import { metered } from '../jobs/metered.js';
import type { JobHandler, JobHandlers, JobWorker } from '../jobs/worker.js';
import { byteCounters, openAccessFor } from './access.js';
import { openAudit } from './audit.js';
import type { Config } from './config.js';
import { Jobs } from './jobs.js';
import { once } from './once.js';
import { onThisMachine } from './storage.js';
import type { composeTrainer, TrainerObserver } from './trainer.js';
import type { Workspace } from './workspace.js';
import { Workspaces } from './workspaces.js';

/** What the hosts work with: the operator's workspace, and those of the clients. */
export interface App extends Workspace {
  /** What works on all that one client has. */
  workspaceOf(client: string): Workspace;
  /** The operator's workspace, and those of all clients that keep something here. */
  workspaces(): Promise<Workspace[]>;
  /** Has every model that is served looked up anew. It never throws. */
  refresh(): Promise<void>;
  /** Clients, keys, plans and usage. */
  access(): Promise<AccessServices>;
  /** Where it is written down what admins do. */
  audit(): Promise<AuditLog>;
  /** Loads what the routes of admins need; what failed once fails for good. */
  preload(): Promise<void>;
  /** Looks at what is kept on this machine before it is opened. @throws LapidaryError `storage_unavailable` */
  verify(): Promise<void>;
  /** Does jobs in this process. */
  jobWorker(observer: JobObserver): Promise<JobWorker>;
  /** Has the processes beside this one do what jobs were left from before. */
  resumeJobs(): Promise<void>;
  /** Ends the processes beside this one. */
  stopJobs(): Promise<void>;
  /** What the trainer function on AWS works with. */
  trainer(observer: TrainerObserver): ReturnType<typeof composeTrainer>;
}

/** Hears of the jobs that are done in this process. */
export interface JobObserver {
  /** By our fault. */
  failed(error: unknown, job: Job): void;
  /** A model may have another version now. */
  trained(job: Pick<Job, 'client' | 'model'>): void;
}

/** What a host is like. */
export interface Keeping {
  /** How it keeps up with moved aliases: requests look, or it has the registry look. */
  requestsLook: boolean;
  /** It has processes beside it that do its jobs, and hears of them; left out, others do them. */
  jobWorkers?: JobWorkersObserver;
  /** Threads that train at the same time; as many as there are processors when left out. */
  trainingThreads?: number;
  /** Reports what happens to operators; dropped by default. */
  signals?: Signals;
}

/** Puts the application together; here, and in `compose/`, adapters are named, and nowhere else. */
export async function compose(
  config: Config,
  keeping: Keeping = { requestsLook: false },
): Promise<App> {
  const { requestsLook, jobWorkers, trainingThreads, signals = SILENT } = keeping;
  const storages =
    config.STORE === 'aws'
      ? (await import('./aws-storage.js')).onAws(config)
      : onThisMachine(config);
  const discard = async ({ client, kind, id }: Job): Promise<void> => {
    if (kind !== 'batch-prediction') return;
    await (await workspaces.of(client).batchPredictions()).discard(id);
  };
  let preloaded: Promise<void> | undefined;
  const opened = new Jobs(config, jobWorkers, discard);
  const access = once(() => openAccessFor(config));
  const trainer = once(async () => {
    const { Trainer } = await import('../training/version-maker.js');
    const { WorkerTrainingRunner } = await import('../adapters/local/training-runner.js');
    const script = new URL('./training-worker.js', import.meta.url);
    return new Trainer(new WorkerTrainingRunner(script, trainingThreads));
  });
  const workspaces = new Workspaces(storages, {
    config,
    requestsLook,
    jobsOf: async (client) => (await opened.open()).serviceOf(client),
    trainer,
    planOf: async (client) => (await access()).keys.planOf(client),
    counterOf: byteCounters(config),
    signals,
  });

  const inWorkspace: JobHandler = async (job, context) => {
    const handlers = await workspaces.of(job.client).handlers();
    return handlers[job.kind]!(job, context);
  };
  const handle = metered(inWorkspace, async () => (await access()).jobUsage);
  const handlers: JobHandlers = Object.fromEntries(JOB_KINDS.map((kind) => [kind, handle]));

  return {
    ...workspaces.operator,
    workspaceOf: (client) => workspaces.of(client),
    workspaces: () => workspaces.all(),
    refresh: () => workspaces.refresh(),
    access,
    audit: once(() => openAudit(config)),
    async preload() {
      preloaded ??= import('./preload.js').then(({ preload }) => preload(config));
      await preloaded;
    },
    async verify() {
      const { requireSound } = await import('../adapters/local/lmdb-file.js');
      for (const name of ['access', 'jobs']) requireSound(join(config.DATA_DIR, name));
    },
    async jobWorker({ failed, trained }) {
      const { JobWorker } = await import('../jobs/worker.js');
      const { workerOptions } = await import('./trainer.js');
      const { watchFailures } = await import('../jobs/watched-store.js');
      const { store: plain, notifier } = await opened.open();
      // The trainer, where there is one, logs it for its alarm. The notice may be lost: the job is kept.
      const store = watchFailures(plain, (job) => notifier.notify(job).catch(() => undefined));
      const training: JobHandler = async (job, context) => {
        const result = await handle(job, context);
        trained(job);
        return result;
      };
      const options = { ...workerOptions(config), onError: failed };
      return new JobWorker(store, { ...handlers, training }, options);
    },
    resumeJobs: () => opened.resume(),
    stopJobs: () => opened.stop(),
    async trainer(observer) {
      if (config.JOBS_TABLE === '')
        throw new LapidaryError('not_ready', 'JOBS_TABLE must be set for the trainer');
      const { composeTrainer } = await import('./trainer.js');
      const { store, notifier } = await opened.open();
      return composeTrainer(config, { store, notifier, handlers, workspaces, observer });
    },
  };
}
