import type { DataSource } from '../datasets/port.js';
import type { Spec } from '../ml/spec.js';
import type { EpochProgress, TrainedMember, TrainingTask } from '../ml/trainer/trainer.js';

/** Where the definitions of models are kept. */
export interface ModelDefinitions {
  /** Names of all models that are defined, sorted. */
  list(): Promise<string[]>;
  /** @throws LapidaryError `model_not_found` */
  readSpec(model: string): Promise<unknown>;
  /** @throws LapidaryError `model_not_found`; `invalid_dataset` when its data cannot be found */
  openData(model: string): Promise<DataSource>;
  /** What people wrote about it, as Markdown; undefined when nobody did. */
  readNotes(model: string): Promise<string | undefined>;
  /** Whether there is one of that name. */
  has(model: string): Promise<boolean>;
  /** Opens data that is no model's yet. @param path as a person names it */
  openFile(path: string): Promise<DataSource>;
  /** Keeps a definition, in place of what there was. @param path of its data */
  write(spec: Spec, path: string): Promise<void>;
  /** Keeps where the data of a model is that has no definition here. @param path of the data */
  writeSource(model: string, path: string): Promise<void>;
}

/** Encoded training rows on their way to where training computes. */
export interface RowCollector {
  /**
   * Adds rows.
   * @param inputs `[rows * width]` @param targets one a row
   */
  append(inputs: Float32Array, targets: Float32Array): Promise<void>;
}

/** Encoded rows that were put where training computes. */
export interface StoredRows {
  width: number;
  count: number;
}

/** Where training computes. */
export interface TrainingRunner<Rows extends StoredRows = StoredRows> {
  /**
   * Takes the rows that `collect` appends. {@link release} them when they are no longer needed.
   * @param width inputs of a row
   */
  store(width: number, collect: (rows: RowCollector) => Promise<void>): Promise<Rows>;
  /** Trains all members of the task's spec, in their order. @throws the signal's reason once it aborts */
  train(
    task: TrainingTask,
    rows: Rows,
    onEpoch: (progress: EpochProgress) => void,
    signal?: AbortSignal,
  ): Promise<TrainedMember[]>;
  release(rows: Rows): Promise<void>;
}
