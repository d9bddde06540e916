import type { Spec } from '../ml/spec.js';
import type { EpochProgress, TrainedMember, TrainingTask } from '../ml/trainer/trainer.js';
import type { DataSource } from '../rows/source.js';
import type { Reading } from '../rows/text/reading.js';

export type { ForeignModels } from './import/port.js';

/** How a model follows its dataset. */
export interface Upkeep {
  /** Whether it is trained again when a batch arrives. */
  follow: boolean;
  /** What a new version has to pass. */
  gate?: { tolerance: number };
}

/** Spec and data of a model, as they were at one moment. */
export interface ModelDefinition extends Upkeep {
  spec: unknown;
  /** The dataset that its data is; undefined when its data is files. */
  dataset?: string;
  /** @throws LapidaryError `model_not_found`; `invalid_dataset`, `dataset_not_found` when its data cannot be found */
  openData(): Promise<DataSource>;
}

/** Where the definitions of models are kept. */
export interface ModelDefinitions {
  /** Names of all models that are defined, sorted. */
  list(): Promise<string[]>;
  /** @throws LapidaryError `model_not_found` */
  readDefinition(model: string): Promise<ModelDefinition>;
  /** Stores a definition of a model on a dataset, in place of the one before, atomically and durably. */
  define(spec: Spec, dataset: string, upkeep: Upkeep): Promise<void>;
  /**
   * Removes what {@link define} stored.
   * @returns whether it had stored something
   * @throws LapidaryError `model_protected` when it is defined by files
   */
  remove(model: string): Promise<boolean>;
  /** @throws LapidaryError `model_not_found`; `invalid_dataset` when its data cannot be found */
  openData(model: string): Promise<DataSource>;
  /** Returns the notes of its authors, as Markdown; undefined when there are none. */
  readNotes(model: string): Promise<string | undefined>;
  /** Whether a model of that name is defined. */
  has(model: string): Promise<boolean>;
  /** Opens data that belongs to no model yet. @param path as the command line has it */
  openFile(path: string, reading?: Reading): Promise<DataSource>;
  /** Stores a definition, in place of the one before. @param path of its data @param reading how that is written */
  write(spec: Spec, path: string, reading?: Reading): Promise<void>;
  /** Stores the path of the data of a model that is not defined here. */
  writeSource(model: string, path: string, reading?: Reading): Promise<void>;
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
  /**
   * Trains all members of the task's spec, in their order.
   * @param signal stops it at once; what it rejects with is the signal's reason
   */
  train(
    task: TrainingTask,
    rows: Rows,
    onEpoch: (progress: EpochProgress) => void,
    signal?: AbortSignal,
  ): Promise<TrainedMember[]>;
  release(rows: Rows): Promise<void>;
}
