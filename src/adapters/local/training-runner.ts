import { availableParallelism } from 'node:os';
import type { EpochProgress, TrainedMember, TrainingTask } from '../../ml/trainer/trainer.js';
import type { RowCollector, TrainingRunner } from '../../training/port.js';
import { RowDirectories } from './row-directories.js';
import { type RowFile, RowFileWriter } from './row-file.js';
import { type ThreadOrder, TrainingThread } from './training-thread.js';

/**
 * Trains members in parallel on worker threads, one per processor. A thread lives until its rows are released: starting
 * one costs as much as training a small member.
 */
export class WorkerTrainingRunner implements TrainingRunner<RowFile> {
  private readonly idle = new Map<RowFile, TrainingThread[]>();

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

  async release(rows: RowFile): Promise<void> {
    const idle = this.idle.get(rows) ?? [];
    this.idle.delete(rows);
    await Promise.all(idle.map((thread) => thread.stop()));
    await this.directories.remove(rows.path);
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
    const running = new Set<TrainingThread>();
    let next = 0;
    const takeNext = async (): Promise<void> => {
      while (next < members) {
        const member = next++;
        trained[member] = await this.trainMember(rows, { task, member }, onEpoch, running);
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
      // After a failure no other member is started: their work would be lost.
      next = members;
      await Promise.all([...running].map((thread) => thread.stop()));
    }
    return trained;
  }

  private async trainMember(
    rows: RowFile,
    order: ThreadOrder,
    onEpoch: (progress: EpochProgress) => void,
    running: Set<TrainingThread>,
  ): Promise<TrainedMember> {
    const idle = this.idle.get(rows) ?? [];
    this.idle.set(rows, idle);
    const thread = idle.pop() ?? new TrainingThread(this.script, rows);
    running.add(thread);
    const trained = await thread.train(order, onEpoch);
    running.delete(thread);
    idle.push(thread);
    return trained;
  }
}
