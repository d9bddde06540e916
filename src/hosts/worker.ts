import { readdirSync } from 'node:fs';
import { availableParallelism, constants, setPriority } from 'node:os';
import type { Logger } from 'pino';
import { readConfig } from '../compose/config.js';
import { compose } from '../compose/index.js';
import { doOne, type OneJob } from '../jobs/do-one.js';
import { JOB_KINDS, type JobKind } from '../jobs/job.js';
import { type Trained, WAKE } from '../jobs/messages.js';
import type { JobWorker } from '../jobs/worker.js';
import { logFormat } from './log-format.js';
import { openLogOutput } from './log-output.js';
import { newLogger } from './logger.js';

/**
 * Does jobs until told to stop; then gives back what it is at and exits. Whoever started it with a channel
 * can wake it, and it ends with them.
 * @param id the one job that it does; then it exits, with 1 when that has failed
 */
export async function main(id?: string): Promise<void> {
  const config = readConfig();
  const logger = newLogger(config.LOG_LEVEL, {
    base: { pid: process.pid, host: 'worker' },
    destination: openLogOutput({ sync: true }),
    format: await logFormat(config.LOG_FORMAT),
  });
  giveWay();
  const stop = new AbortController();
  const alarms = JOB_KINDS.map(() => new Alarm());
  const ring = (): void => {
    for (const alarm of alarms) alarm.ring();
  };
  const end = (reason: string): void => {
    if (stop.signal.aborted) return;
    logger.info({ reason }, 'the worker stops');
    stop.abort();
    ring();
    // Whatever does not heed the signal is taken up by another worker, when its lease expires.
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
    ...(process.connected && { trainingThreads: threadsBesideServer() }),
  });
  const worker = await app.jobWorker({
    failed: (error, { id, kind, model }) =>
      logger.error({ err: error, job: id, kind, model }, 'a job failed by our fault'),
    trained: ({ client, model }) =>
      process.send?.({ trained: { client, model } } satisfies Trained),
  });
  const wait = (alarm: Alarm) => alarm.wait(config.JOB_POLL_S * 1000);
  if (id !== undefined) {
    const leaseMs = config.JOB_LEASE_S * 1000;
    const one = { worker, jobs: await app.jobs(), leaseMs, stop: stop.signal };
    process.exit(await runOne(id, { ...one, wait: () => wait(alarms[0]!) }, logger));
  }
  logger.info('the worker looks for jobs');
  // A lane for each kind: a prediction does not wait until a training is done.
  const lanes = JOB_KINDS.map(async (kind, i) => {
    while (!stop.signal.aborted) {
      await runAll(worker, kind, stop.signal, logger);
      await wait(alarms[i]!);
    }
  });
  await Promise.all(lanes);
  process.exit(0);
}

/** Does a job. @returns the exit code */
async function runOne(id: string, one: OneJob, logger: Logger): Promise<number> {
  logger.info({ job: id }, 'the worker is there for a job');
  try {
    const { kind, model, state } = await doOne(id, one);
    logger.info({ job: id, kind, model, state }, 'the worker is done with the job');
    return state === 'failed' ? 1 : 0;
  } catch (error) {
    logger.error({ err: error, job: id }, 'the job could not be done');
    return 1;
  }
}

/** Does jobs of a kind, one after another, until there is none left. */
async function runAll(
  worker: JobWorker,
  kind: JobKind,
  stop: AbortSignal,
  logger: Logger,
): Promise<void> {
  try {
    for (;;) {
      const job = await worker.runNext(stop, kind);
      if (!job) return;
      logger.info(
        { job: job.id, kind: job.kind, model: job.model },
        'the worker is done with a job',
      );
    }
  } catch (error) {
    logger.error({ err: error }, 'the jobs could not be reached');
  }
}

/** All processors but one, which is left to the server that started this process. */
function threadsBesideServer(): number {
  return Math.max(1, availableParallelism() - 1);
}

/** Lets all others go first: who predicts must not notice that somebody trains. */
function giveWay(): void {
  const lowest = constants.priority.PRIORITY_LOW;
  setPriority(process.pid, lowest);
  // Linux has a priority a thread; those to come have that of the one which starts them.
  if (process.platform !== 'linux') return;
  for (const thread of readdirSync('/proc/self/task')) setPriority(Number(thread), lowest);
}

/** Ends a wait; when nobody waits, the next one. */
class Alarm {
  private rang = false;
  private wake = () => {};

  ring(): void {
    this.rang = true;
    this.wake();
  }

  async wait(milliseconds: number): Promise<void> {
    if (!this.rang) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.rang = false;
  }
}
