import { join } from 'node:path';
import type { AccessServices, AuditLog } from '../access/index.js';
import { IndexAgenda } from '../chores/agenda.js';
import type { UpkeepService } from '../chores/service.js';
import { LapidaryError } from '../core/errors.js';
import { OPERATOR } from '../core/operator.js';
import { SILENT, type Signals } from '../core/signals.js';
import { meteredHandlers } from '../jobs/metered.js';
import type { Job, JobHandler, Succeeded } from '../jobs/port.js';
import type { JobHandlers, JobWorker } from '../jobs/worker.js';
import { byteCounters, openAccessFor, openAudit } from './access.js';
import { choresOf, jobTable } from './capabilities.js';
import type { Config } from './config.js';
import type { composeJobFunction } from './job-function.js';
import { Jobs } from './jobs.js';
import { once } from './once.js';
import { onThisMachine } from './storage.js';
import type { Workspace } from './workspace.js';
import { Workspaces } from './workspaces.js';

/** The application, as the hosts use it. */
export interface App {
  readonly operator: Workspace;
  /** Returns the services of one client. */
  workspaceOf(client: string): Workspace;
  /** Returns the workspaces of the operator and of all clients with stored data. */
  workspaces(): Promise<Workspace[]>;
  /** Checks the aliases of every served model. It never throws. */
  refresh(): Promise<void>;
  /** Opens clients, keys, plans and usage. */
  access(): Promise<AccessServices>;
  /** Opens the audit log. */
  audit(): Promise<AuditLog>;
  /** Loads the modules of the admin routes; a failure is final. */
  preload(): Promise<void>;
  /** Checks the files on this machine before they are opened. @throws LapidaryError `storage_unavailable` */
  verify(): Promise<void>;
  /** Returns a worker that runs jobs in this process. @param onSuccess called with each that succeeds */
  jobWorker(onSuccess?: (job: Job) => void): Promise<JobWorker>;
  /** Opens the chores of all clients. */
  upkeep(): Promise<UpkeepService>;
  /** Starts worker processes for jobs that are already queued. */
  resumeJobs(): Promise<void>;
  /** Ends the worker processes and closes the served models. */
  stop(): Promise<void>;
  /** Returns the services of the Lambda function that runs jobs. */
  jobFunction(): ReturnType<typeof composeJobFunction>;
}

/** Properties of a host. */
export interface Keeping {
  /** Whether requests check the aliases; otherwise the host refreshes them. */
  requestsLook: boolean;
  /** Called with each job that a worker process of this host completes; without it, the host starts none. */
  jobWorkers?: (job: Succeeded['succeeded']) => void;
  /** Concurrent training threads; one per processor by default. */
  trainingThreads?: number;
  /** Reports events to operators; dropped by default. */
  signals?: Signals;
}

/** Composes the application. Only this folder imports adapters. */
export async function compose(
  config: Config,
  keeping: Keeping = { requestsLook: false },
): Promise<App> {
  const { requestsLook, jobWorkers, trainingThreads, signals = SILENT } = keeping;
  const storages =
    config.STORE === 'aws'
      ? (await import('./aws-storage.js')).onAws(config)
      : onThisMachine(config);
  const workspaceOf = (client: string): Workspace => workspaces.of(client);
  const table = jobTable(workspaceOf);
  const opened = new Jobs(config, { table, signals, onSuccess: jobWorkers });
  const access = once(() => openAccessFor(config));
  const maker = once(async () => {
    const { VersionMaker } = await import('../training/version-maker.js');
    const { WorkerTrainingRunner } = await import('../adapters/local/training-runner.js');
    const script = new URL('./training-worker.js', import.meta.url);
    return new VersionMaker(new WorkerTrainingRunner(script, trainingThreads));
  });
  const due = once(async () => {
    const { StoredDue } = await import('../adapters/stores/due.js');
    return new StoredDue(storages.of(OPERATOR));
  });
  const workspaces = new Workspaces(storages, {
    config,
    requestsLook,
    jobsOf: async (client) => (await opened.open()).serviceOf(client),
    maker,
    planOf: async (client) => (await access()).keys.planOf(client),
    counterOf: byteCounters(config),
    agendaOf: (client) => new IndexAgenda(due, client),
    signals,
  });
  const upkeep = once(async () => {
    const { UpkeepService } = await import('../chores/service.js');
    const chores = choresOf((client) => workspaces.find(client), config, signals);
    return new UpkeepService(chores, await due(), signals);
  });
  const handlers = meteredHandlers(table, async () => (await access()).jobUsage);
  let preloaded: Promise<void> | undefined;

  return {
    operator: workspaces.operator,
    workspaceOf,
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
    async jobWorker(onSuccess = () => {}) {
      const { JobWorker } = await import('../jobs/worker.js');
      const { workerOptions } = await import('./job-function.js');
      const { watchFailures } = await import('../jobs/watched-store.js');
      const { store: plain, notifier } = await opened.open();
      // The function on AWS logs it for its alarm. The notification may be lost: the job is stored.
      const store = watchFailures(plain, (job) => notifier.notify(job).catch(() => undefined));
      const options = { ...workerOptions(config), signals };
      return new JobWorker(store, announcing(handlers, onSuccess), options);
    },
    upkeep,
    resumeJobs: () => opened.resume(),
    async stop() {
      await Promise.all([opened.stop(), workspaces.close()]);
    },
    async jobFunction() {
      if (config.JOBS_TABLE === '')
        throw new LapidaryError(
          'not_ready',
          'JOBS_TABLE must be set for the function that runs jobs',
        );
      const { composeJobFunction } = await import('./job-function.js');
      const { store, notifier } = await opened.open();
      const parts = { store, notifier, table, handlers, workspaces, signals };
      return composeJobFunction(config, { ...parts, upkeep: await upkeep() });
    },
  };
}

/** Returns handlers that announce each job that succeeds. */
function announcing(handlers: JobHandlers, onSuccess: (job: Job) => void): JobHandlers {
  const announce =
    (handle: JobHandler): JobHandler =>
    async (job, context) => {
      const result = await handle(job, context);
      onSuccess(job);
      return result;
    };
  return Object.fromEntries(
    Object.entries(handlers).map(([kind, handle]) => [kind, handle && announce(handle)]),
  );
}
