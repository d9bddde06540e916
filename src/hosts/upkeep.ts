import type { FastifyBaseLogger } from 'fastify';
import type { App } from '../compose.js';
import type { Config } from '../config.js';

const HOUR_MS = 3_600_000;
/** What crashes leave behind is that old when it goes: no append takes as long. */
const SCRATCH_LIFE_MS = 24 * HOUR_MS;
/** An upload that is being completed when it expires still gets done. */
const EXPIRED_MS = HOUR_MS;

type Kept = Pick<App, 'datasets' | 'batchPredictions' | 'follower' | 'resumeJobs'>;

/**
 * Does, now and every hour, what nobody asks for: removes what is old, and submits what a crash has forgotten.
 * As often as workers look for jobs, has those done that were left or that another process has submitted.
 * What fails is logged: predictions go on.
 * @returns ends it
 */
export function startUpkeep(app: Kept, config: Config, logger: FastifyBaseLogger): () => void {
  const before = (milliseconds: number) => new Date(Date.now() - milliseconds);
  const chores: [string, () => Promise<void>][] = [
    [
      'old scratch of the datasets could not be removed',
      async () => {
        const { datasets, uploads } = await app.datasets();
        await datasets.sweep(before(SCRATCH_LIFE_MS));
        await uploads.sweep(before(EXPIRED_MS));
      },
    ],
    [
      'old batch predictions could not be removed',
      async () => {
        const predictions = await app.batchPredictions();
        await predictions.sweep(before(config.RESULT_LIFE_HOURS * HOUR_MS));
      },
    ],
    [
      'models could not be compared with their datasets',
      async () => {
        for (const { id, model } of await (await app.follower()).reconcile())
          logger.info({ job: id, model }, 'its dataset has grown: a training was submitted');
      },
    ],
  ];
  const logFailure = (failure: string) => (error: unknown) => logger.error({ err: error }, failure);
  const doAll = async (): Promise<void> => {
    for (const [failure, chore] of chores) await chore().catch(logFailure(failure));
  };
  const resume = () => app.resumeJobs().catch(logFailure('the jobs could not be reached'));
  void doAll().then(resume);
  const timers = [setInterval(doAll, HOUR_MS), setInterval(resume, config.JOB_POLL_S * 1000)];
  for (const timer of timers) timer.unref();
  return () => {
    for (const timer of timers) clearInterval(timer);
  };
}
