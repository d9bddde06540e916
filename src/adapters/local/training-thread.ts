import { Worker } from 'node:worker_threads';
import type { EpochProgress, TrainedMember, TrainingTask } from '../../ml/trainer/trainer.js';
import type { RowFile } from './row-file.js';

/** Sent to a training thread to start it. */
export interface ThreadOrder {
  task: TrainingTask;
  member: number;
}

/** A report of a training thread. */
export type ThreadReport = { progress: EpochProgress } | { trained: TrainedMember };

interface Waiting {
  onEpoch: (progress: EpochProgress) => void;
  resolve: (trained: TrainedMember) => void;
  reject: (error: unknown) => void;
}

/** A worker thread that trains members one after another on the same rows. */
export class TrainingThread {
  private readonly worker: Worker;
  private waiting: Waiting | undefined;

  /** @param script the worker's file */
  constructor(script: URL, rows: RowFile) {
    this.worker = new Worker(script, { workerData: rows });
    this.worker.on('message', (report: ThreadReport) => {
      if ('progress' in report) this.waiting?.onEpoch(report.progress);
      else this.waiting?.resolve(report.trained);
    });
    this.worker.on('error', (error) => this.waiting?.reject(error));
    this.worker.on('exit', (code) =>
      this.waiting?.reject(new Error(`a training thread exited early with code ${code}`)),
    );
  }

  /** Trains a member; one at a time. */
  train(order: ThreadOrder, onEpoch: Waiting['onEpoch']): Promise<TrainedMember> {
    return new Promise((resolve, reject) => {
      this.waiting = { onEpoch, resolve, reject };
      this.worker.postMessage(order);
    });
  }

  /** Ends the thread at once, without its result. */
  async stop(): Promise<void> {
    await this.worker.terminate();
  }
}
