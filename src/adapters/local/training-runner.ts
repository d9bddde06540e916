import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { EpochProgress, TrainedMember, TrainingTask } from '../../ml/trainer/trainer.js';
import type { RowCollector, TrainingRunner } from '../../training/port.js';
import { RowDirectories } from './row-directories.js';
import { type RowFile, RowFileWriter } from './row-file.js';

/** What a training worker is started with. */
export interface WorkerOrder {
  task: TrainingTask;
  rows: RowFile;
  member: number;
}

/** What a training worker reports. */
export type WorkerReport = { progress: EpochProgress } | { trained: TrainedMember };

/** Trains members side by side, each on a worker thread, as many at once as there are processors. */
export class WorkerTrainingRunner implements TrainingRunner<RowFile> {
  /** @param script the worker's file */
  constructor(
    private readonly script: URL,
    private readonly parallelism: number = availableParallelism(),
    private readonly directories = new RowDirectories(),
  ) {}

  async store(width: number, collect: (rows: RowCollector) => Promise<void>): Promise<RowFile> {
    const path = await this.directories.newPath();
    try {
      const writer = await RowFileWriter.create(path, width);
      await collect(writer);
      return await writer.close();
    } catch (error) {
      await this.directories.remove(path);
      throw error;
    }
  }

  release({ path }: RowFile): Promise<void> {
    return this.directories.remove(path);
  }

  async train(
    task: TrainingTask,
    rows: RowFile,
    onEpoch: (progress: EpochProgress) => void,
    signal?: AbortSignal,
  ): Promise<TrainedMember[]> {
    signal?.throwIfAborted();
    const { members } = task.spec.network;
    const trained: TrainedMember[] = [];
    const running = new Set<Worker>();
    let next = 0;
    const takeNext = async (): Promise<void> => {
      while (next < members) {
        const member = next++;
        trained[member] = await this.trainMember({ task, rows, member }, onEpoch, running);
      }
    };
    let stop = () => {};
    const stopped = new Promise<never>((_, reject) => {
      stop = () => reject(signal!.reason);
    });
    signal?.addEventListener('abort', stop);
    try {
      const taking = Array.from({ length: Math.min(this.parallelism, members) }, takeNext);
      await Promise.race([Promise.all(taking), stopped]);
    } finally {
      signal?.removeEventListener('abort', stop);
      // No worker begins that was not begun: when one member fails, the others' work is for nothing.
      next = members;
      await Promise.all([...running].map((worker) => worker.terminate()));
    }
    return trained;
  }

  private trainMember(
    order: WorkerOrder,
    onEpoch: (progress: EpochProgress) => void,
    running: Set<Worker>,
  ): Promise<TrainedMember> {
    return new Promise((resolve, reject) => {
      const worker = new Worker(this.script, { workerData: order });
      running.add(worker);
      worker.on('message', (report: WorkerReport) => {
        if ('trained' in report) resolve(report.trained);
        else onEpoch(report.progress);
      });
      worker.on('error', reject);
      worker.on('exit', (code) => {
        running.delete(worker);
        reject(new Error(`the worker of member ${order.member} ended early, with code ${code}`));
      });
    });
  }
}
