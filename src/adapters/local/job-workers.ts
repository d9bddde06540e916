import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { eventType, type Signals } from '../../core/signals.js';
import { type Job, type JobNotifier, type Succeeded, WAKE } from '../../jobs/port.js';

/** A worker process ended unexpectedly. */
const WORKER_DIED = eventType<{
  kind: string;
  pid?: number;
  code: number | null;
  signal: string | null;
  restartInMs: number;
}>('worker.died', 'error', 'a worker died; it is restarted');

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 60_000;

/**
 * Runs worker processes. Each kind of job has its own, started by its first job: one that dies, as when out of memory,
 * ends no job of another kind.
 */
export class LocalJobWorkers implements JobNotifier {
  private readonly children = new Map<string, Set<ChildProcess>>();
  private readonly pauses = new Set<NodeJS.Timeout>();
  private isStopped = false;

  /** @param script to run with the argument `worker` @param count processes of a kind */
  constructor(
    private readonly script: URL,
    private readonly count: number,
    private readonly options: {
      signals: Signals;
      onSuccess: (job: Succeeded['succeeded']) => void;
    },
  ) {}

  async notify({ kind }: Pick<Job, 'kind'>): Promise<void> {
    this.start(kind);
    // A worker that just died checks for jobs when it is restarted.
    for (const child of this.children.get(kind) ?? [])
      if (child.connected) child.send(WAKE, () => undefined);
  }

  /** Starts the processes of a kind; one that dies is restarted. */
  start(kind: string): void {
    if (this.children.has(kind) || this.isStopped) return;
    this.children.set(kind, new Set());
    for (let i = 0; i < this.count; i++) this.startOne(kind, FIRST_PAUSE_MS);
  }

  /** Stops all processes; they return their jobs to the queue. */
  async stop(): Promise<void> {
    this.isStopped = true;
    for (const pause of this.pauses) clearTimeout(pause);
    const running = [...this.children.values()].flatMap((children) => [...children]);
    const ending = running.map((child) => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      return ended;
    });
    await Promise.all(ending);
  }

  /** @param pauseMs until it is restarted if it dies soon */
  private startOne(kind: string, pauseMs: number): void {
    const startedAt = performance.now();
    const child = fork(fileURLToPath(this.script), ['worker', '--kind', kind], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const siblings = this.children.get(kind)!.add(child);
    child.on('message', ({ succeeded }: Succeeded) => this.options.onSuccess(succeeded));
    let isOver = false;
    const over = (code: number | null, signal: string | null): void => {
      if (isOver) return;
      isOver = true;
      siblings.delete(child);
      if (this.isStopped) return;
      const livedLong = performance.now() - startedAt > LONGEST_PAUSE_MS;
      const restartInMs = livedLong ? FIRST_PAUSE_MS : pauseMs;
      const exit = { ...(child.pid && { pid: child.pid }), code, signal, restartInMs };
      this.options.signals.event(WORKER_DIED, { kind, ...exit });
      this.restart(kind, restartInMs);
    };
    child.on('exit', over);
    // It could not be started.
    child.on('error', () => over(null, null));
  }

  private restart(kind: string, pauseMs: number): void {
    const pause = setTimeout(() => {
      this.pauses.delete(pause);
      this.startOne(kind, Math.min(2 * pauseMs, LONGEST_PAUSE_MS));
    }, pauseMs);
    this.pauses.add(pause.unref());
  }
}
