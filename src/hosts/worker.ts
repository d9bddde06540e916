import { readdirSync } from 'node:fs';
import { availableParallelism, constants, setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { JOB_KINDS } from '../compose/capabilities.js';
import { readConfig } from '../compose/config.js';
import { compose } from '../compose/index.js';
import { doOne, type JobWorker, type OneJob } from '../jobs/index.js';
import { type Succeeded, WAKE } from '../jobs/port.js';
import { logFormat } from './log-format.js';
import { openLogOutput } from './log-output.js';
import { logSignals } from './log-signals.js';
import { newLogger } from './logger.js';

/** Jobs that a worker runs; all by default. */
export interface WorkerScope {
  /** One job; the worker then exits, with 1 if the job failed. */
  job?: string;
  /** Jobs of one kind. */
  kind?: string;
}

/**
 * Runs jobs until a signal stops it; then it returns started jobs to the queue and exits. A process that forked it can wake
 * it, and ends it by exiting itself.
 */
export async function main({ job: id, kind: only }: WorkerScope = {}): Promise<void> {
  const config = readConfig();
  const logger = newLogger(config.LOG_LEVEL, {
    base: { pid: process.pid, host: 'worker' },
    destination: openLogOutput({ sync: true }),
    format: await logFormat(config.LOG_FORMAT),
  });
  giveWay();
  const stop = new AbortController();
  const kinds = only === undefined ? JOB_KINDS : [only];
  const alarms = kinds.map(() => new Alarm());
  const ring = (): void => {
    for (const alarm of alarms) alarm.ring();
  };
  const end = (reason: string): void => {
    if (stop.signal.aborted) return;
    logger.info({ reason }, 'the worker stops');
    stop.abort();
    ring();
    // Another worker takes over a job that ignores the signal, once its lease expires.
    setTimeout(() => process.exit(1), config.SHUTDOWN_GRACE_MS).unref();
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  process.once('disconnect', () => end('disconnect'));
  // The server was killed while this process started.
  if (process.connected === false) end('disconnect');
  process.on('message', (message) => message === WAKE && ring());

  const app = await compose(config, {
    requestsLook: false,
    signals: logSignals(logger),
    ...(process.connected && { trainingThreads: threadsBesideServer() }),
  });
  const worker = await app.jobWorker(({ client, model }) => {
    process.send?.({ succeeded: { client, model } } satisfies Succeeded);
  });
  const wait = (alarm: Alarm) => alarm.wait(config.JOB_POLL_S * 1000);
  if (id !== undefined) {
    const leaseMs = config.JOB_LEASE_S * 1000;
    const one = { worker, jobs: await app.operator.jobs(), leaseMs, stop: stop.signal };
    process.exit(await runOne(id, { ...one, wait: () => wait(alarms[0]!) }, logger));
  }
  logger.info('the worker waits for jobs');
  // A loop for each kind: a prediction does not wait for a training.
  const loops = kinds.map(async (kind, i) => {
    while (!stop.signal.aborted) {
      await runAll(worker, kind, stop.signal, logger);
      await wait(alarms[i]!);
    }
  });
  await Promise.all(loops);
  process.exit(0);
}

/** Runs one job. @returns the exit code */
async function runOne(id: string, one: OneJob, logger: Logger): Promise<number> {
  logger.info({ job: id }, 'the worker starts a job');
  try {
    const { kind, model, state } = await doOne(id, one);
    logger.info({ job: id, kind, model, state }, 'the worker finished the job');
    return state === 'failed' ? 1 : 0;
  } catch (error) {
    logger.error({ err: error, job: id }, 'the job could not be run');
    return 1;
  }
}

/** Runs the jobs of a kind, one after another, until none is left. */
async function runAll(
  worker: JobWorker,
  kind: string,
  stop: AbortSignal,
  logger: Logger,
): Promise<void> {
  try {
    for (;;) {
      const job = await worker.runNext(stop, kind);
      if (!job) return;
      logger.info({ job: job.id, kind: job.kind, model: job.model }, 'the worker finished a job');
    }
  } catch (error) {
    logger.error({ err: error }, 'the jobs could not be reached');
  }
}

/** Returns the number of training threads that leave one processor to the server. */
function threadsBesideServer(): number {
  return Math.max(1, availableParallelism() - 1);
}

/** Lowers the priority of this process, so that training does not slow down predictions. */
function giveWay(): void {
  const lowest = constants.priority.PRIORITY_LOW;
  setPriority(process.pid, lowest);
  // Linux has a priority for each thread; new ones inherit it.
  if (process.platform !== 'linux') return;
  for (const thread of readdirSync('/proc/self/task')) setPriority(Number(thread), lowest);
}

/** Ends the current wait, or the next one. */
class Alarm {
  private bell = new AbortController();

  ring(): void {
    this.bell.abort();
  }

  async wait(milliseconds: number): Promise<void> {
    await sleep(milliseconds, undefined, { signal: this.bell.signal }).catch(() => undefined);
    this.bell = new AbortController();
  }
}
