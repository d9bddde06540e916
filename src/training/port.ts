import type { Spec } from '../ml/spec.js';
import type { EpochProgress, TrainedMember, TrainingTask } from '../ml/trainer/trainer.js';
import type { DataSource } from '../rows/source.js';
import type { Reading } from '../rows/text/reading.js';

export type { ForeignModels } from './import/port.js';

/** Policies that apply when its dataset grows. */
export interface ModelPolicy {
  /** Whether a new batch starts training. */
  follow: boolean;
  /** The gate that a new version must pass. */
  gate?: { tolerance: number };
}

/** A snapshot of a model's definition. */
export interface ModelDefinition extends ModelPolicy {
  spec: unknown;
  /** The dataset of its data; undefined if the data is files. */
  dataset?: string;
  /** Opens its data. @throws LapidaryError `model_not_found`; `invalid_dataset`, `dataset_not_found` if it is missing */
  openData(): Promise<DataSource>;
}

/** Stores the definitions of models. */
export interface ModelDefinitions {
  /** Lists the names of all defined models, sorted. */
  list(): Promise<string[]>;
  /** Reads the definition of a model. @throws LapidaryError `model_not_found` */
  readDefinition(model: string): Promise<ModelDefinition>;
  /** Stores the definition of a model on a dataset, durably and atomically; it replaces the previous one. */
  define(spec: Spec, dataset: string, policy: ModelPolicy): Promise<void>;
  /**
   * Removes a definition that {@link define} stored.
   * @returns whether it existed
   * @throws LapidaryError `model_protected` if the model is defined by files
   */
  remove(model: string): Promise<boolean>;
  /** Opens the data of a model. @throws LapidaryError `model_not_found`; `invalid_dataset` if it is missing */
  openData(model: string): Promise<DataSource>;
  /** Reads the notes of its authors, as Markdown; undefined if missing. */
  readNotes(model: string): Promise<string | undefined>;
  /** Returns whether a model of that name is defined. */
  has(model: string): Promise<boolean>;
  /** Opens data that does not belong to a model yet. @param path as entered by the user */
  openFile(path: string, reading?: Reading): Promise<DataSource>;
  /** Writes a definition and replaces the previous one. @param path of its data @param reading the format of the data */
  write(spec: Spec, path: string, reading?: Reading): Promise<void>;
  /** Writes the location of the data of a model without a definition. @param path of the data */
  writeSource(model: string, path: string, reading?: Reading): Promise<void>;
}

/** Receives encoded training rows. */
export interface RowCollector {
  /**
   * Adds rows.
   * @param inputs `[rows * width]` @param targets one per row
   */
  append(inputs: Float32Array, targets: Float32Array): Promise<void>;
}

/** Encoded rows that a runner stores. */
export interface StoredRows {
  width: number;
  count: number;
}

/** Runs trainings, in this process or elsewhere. */
export interface TrainingRunner<Rows extends StoredRows = StoredRows> {
  /**
   * Stores the rows that `collect` appends, until {@link release}.
   * @param width number of inputs of a row
   */
  store(width: number, collect: (rows: RowCollector) => Promise<void>): Promise<Rows>;
  /**
   * Trains all members of the task's spec, and returns them in order.
   * @param signal stops it at once; it then rejects with the signal's reason
   */
  train(
    task: TrainingTask,
    rows: Rows,
    onEpoch: (progress: EpochProgress) => void,
    signal?: AbortSignal,
  ): Promise<TrainedMember[]>;
  release(rows: Rows): Promise<void>;
}
