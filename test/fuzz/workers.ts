import { setTimeout as pause } from 'node:timers/promises';
import type { App } from '../../src/compose/index.js';
import type { Job } from '../../src/jobs/port.js';

const LOOK_MS = 100;
/** More jobs than these are not done but cancelled: a run is no training. */
const MOST_OPEN = 4;
const LONGEST_MS = 4000;

/** Does the jobs of a world in this process; those that are too many or too long it cancels. */
export class Workers {
  private readonly stop = new AbortController();
  private readonly working: Promise<unknown>;
  private readonly attending: Promise<unknown>;

  static async start(app: App): Promise<Workers> {
    const worker = await app.jobWorker(
      ({ client, model }) => void app.workspaceOf(client).registry.recheck(model),
    );
    return new Workers(worker, app);
  }

  private constructor(
    private readonly worker: Awaited<ReturnType<App['jobWorker']>>,
    private readonly app: App,
  ) {
    this.working = this.work();
    this.attending = this.attend();
  }

  /** Cancels all jobs, and waits until none is left. */
  async end(): Promise<void> {
    for (;;) {
      const open = await this.open();
      if (open.length === 0) break;
      for (const job of open) await this.cancel(job);
      await pause(LOOK_MS);
    }
    this.stop.abort();
    await Promise.all([this.working, this.attending]);
  }

  /** The jobs of all clients. */
  private async open(): Promise<Job[]> {
    const workspaces = await this.app.workspaces();
    const open = workspaces.map(async ({ jobs }) => (await jobs()).listOpen());
    return (await Promise.all(open)).flat();
  }

  private async cancel({ id, client }: Job): Promise<void> {
    await (await this.app.workspaceOf(client).jobs()).cancel(id);
  }

  private async work(): Promise<void> {
    while (!this.stop.signal.aborted) {
      while (await this.worker.runNext(this.stop.signal));
      await pause(LOOK_MS);
    }
  }

  private async attend(): Promise<void> {
    while (!this.stop.signal.aborted) {
      const open = await this.open();
      const late = open.filter(
        ({ startedAt }) => startedAt && Date.now() - Date.parse(startedAt) > LONGEST_MS,
      );
      for (const job of [...late, ...open.slice(MOST_OPEN)]) await this.cancel(job);
      await pause(LOOK_MS);
    }
  }
}
