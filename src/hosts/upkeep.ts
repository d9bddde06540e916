import type { FastifyBaseLogger } from 'fastify';
import type { Config } from '../compose/config.js';
import type { App } from '../compose/index.js';
import type { Workspace } from '../compose/workspace.js';

const HOUR_MS = 3_600_000;
/** What crashes leave behind is that old when it goes: no append takes as long. */
const SCRATCH_LIFE_MS = 24 * HOUR_MS;
/** An upload that is being completed when it expires still gets done. */
const EXPIRED_MS = HOUR_MS;

type Kept = Pick<App, 'workspaces' | 'resumeJobs'>;
type Chore = (workspace: Workspace) => Promise<void>;

/**
 * Does for all clients, now and every hour, what nobody asks for: removes what is old, and submits what a crash has forgotten.
 * As often as workers look for jobs, has those done that were left or that another process has submitted.
 * What fails is logged: predictions go on.
 * @returns ends it
 */
export function startUpkeep(app: Kept, config: Config, logger: FastifyBaseLogger): () => void {
  const before = (milliseconds: number) => new Date(Date.now() - milliseconds);
  const chores: [string, Chore][] = [
    [
      'old scratch of the datasets could not be removed',
      async (workspace) => {
        const { datasets, uploads } = await workspace.datasets();
        await datasets.sweep(before(SCRATCH_LIFE_MS));
        await uploads.sweep(before(EXPIRED_MS));
      },
    ],
    [
      'what was left of versions could not be removed',
      (workspace) => workspace.versions.sweep(before(SCRATCH_LIFE_MS)),
    ],
    [
      'old batch predictions could not be removed',
      async (workspace) => {
        const predictions = await workspace.batchPredictions();
        await predictions.sweep(before(config.RESULT_LIFE_HOURS * HOUR_MS));
      },
    ],
    ['stored bytes could not be measured', (workspace) => workspace.measure()],
    [
      'models could not be compared with their datasets',
      async (workspace) => {
        for (const { id, client, model } of await (await workspace.follower()).reconcile())
          logger.info(
            { job: id, client, model },
            'its dataset has grown: a training was submitted',
          );
      },
    ],
  ];
  const logFailure = (failure: string) => (error: unknown) => logger.error({ err: error }, failure);
  const doAll = async (): Promise<void> => {
    const workspaces = await app.workspaces();
    for (const [failure, chore] of chores)
      for (const workspace of workspaces) await chore(workspace).catch(logFailure(failure));
  };
  const resume = () => app.resumeJobs().catch(logFailure('the jobs could not be reached'));
  const attempt = () => doAll().catch(logFailure('the clients could not be listed'));
  void attempt().then(resume);
  const timers = [setInterval(attempt, HOUR_MS), setInterval(resume, config.JOB_POLL_S * 1000)];
  for (const timer of timers) timer.unref();
  return () => {
    for (const timer of timers) clearInterval(timer);
  };
}
