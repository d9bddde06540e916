import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Trained, WAKE } from '../../jobs/messages.js';
import type { JobNotifier } from '../../jobs/port.js';

/** Hears of the processes that do jobs. */
export interface JobWorkersObserver {
  /** A model may have another version now. */
  trained(job: Trained['trained']): void;
  /** One ended by itself, and is started again. */
  died(exit: { pid?: number; code: number | null; signal: string | null; againInMs: number }): void;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 60_000;

/** Keeps processes that do jobs running beside this one, from the first job on. */
export class LocalJobWorkers implements JobNotifier {
  private readonly children = new Set<ChildProcess>();
  private readonly pauses = new Set<NodeJS.Timeout>();
  private wasStarted = false;
  private isStopped = false;

  /** @param script what runs as `worker` */
  constructor(
    private readonly script: URL,
    private readonly count: number,
    private readonly observer: JobWorkersObserver,
  ) {}

  /** They are started for good: one that dies is started again. */
  get isStarted(): boolean {
    return this.wasStarted;
  }

  async notify(): Promise<void> {
    this.start();
    // A worker that just died looks for jobs when it is there again.
    for (const child of this.children) if (child.connected) child.send(WAKE, () => undefined);
  }

  start(): void {
    if (this.wasStarted || this.isStopped) return;
    this.wasStarted = true;
    for (let i = 0; i < this.count; i++) this.startOne(FIRST_PAUSE_MS);
  }

  /** Has them give back what they do. */
  async stop(): Promise<void> {
    this.isStopped = true;
    for (const pause of this.pauses) clearTimeout(pause);
    const ending = [...this.children].map((child) => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      return ended;
    });
    await Promise.all(ending);
  }

  /** @param pauseMs before it is started again, should it die soon */
  private startOne(pauseMs: number): void {
    const startedAt = performance.now();
    const child = fork(fileURLToPath(this.script), ['worker'], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.children.add(child);
    child.on('message', ({ trained }: Trained) => this.observer.trained(trained));
    let isOver = false;
    const over = (code: number | null, signal: string | null): void => {
      if (isOver) return;
      isOver = true;
      this.children.delete(child);
      if (this.isStopped) return;
      const livedLong = performance.now() - startedAt > LONGEST_PAUSE_MS;
      const againInMs = livedLong ? FIRST_PAUSE_MS : pauseMs;
      this.observer.died({ ...(child.pid && { pid: child.pid }), code, signal, againInMs });
      this.startAgain(againInMs);
    };
    child.on('exit', over);
    // It could not even be started.
    child.on('error', () => over(null, null));
  }

  private startAgain(pauseMs: number): void {
    const pause = setTimeout(() => {
      this.pauses.delete(pause);
      this.startOne(Math.min(2 * pauseMs, LONGEST_PAUSE_MS));
    }, pauseMs);
    this.pauses.add(pause.unref());
  }
}
