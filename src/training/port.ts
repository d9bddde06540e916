import type { DataSource } from '../datasets/port.js';
import type { EpochProgress, TrainedMember, TrainingTask } from '../ml/trainer.js';

/** Where the definitions of models are kept. */
export interface ModelDefinitions {
  /** Names of all models that are defined, sorted. */
  list(): Promise<string[]>;
  /** @throws LapidaryError `model_not_found` */
  readSpec(model: string): Promise<unknown>;
  /** @throws LapidaryError `model_not_found`; `invalid_dataset` when its data cannot be found */
  openData(model: string): Promise<DataSource>;
}

/** Where training computes. */
export interface TrainingRunner {
  /** Trains all members of the task's spec, in their order. */
  train(task: TrainingTask, onEpoch: (progress: EpochProgress) => void): Promise<TrainedMember[]>;
}
