import type { Spec } from '../ml/spec.js';
import type { EpochProgress, TrainedMember, TrainingTask } from '../ml/trainer/trainer.js';
import type { DataSource } from '../rows/source.js';
import type { Reading } from '../rows/text/reading.js';

/** How a model is kept up with its dataset. */
export interface Upkeep {
  /** Whether it is trained again when a batch arrives. */
  follow: boolean;
  /** What a new version has to pass. */
  gate?: { tolerance: number };
}

/** What a model is trained from, as it was at one moment. */
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
  /** Keeps a definition of a model on a dataset, in place of the one before: whole, and for good. */
  define(spec: Spec, dataset: string, upkeep: Upkeep): Promise<void>;
  /**
   * Removes what {@link define} kept.
   * @returns whether there was anything
   * @throws LapidaryError `model_protected` when people made files for it
   */
  remove(model: string): Promise<boolean>;
  /** @throws LapidaryError `model_not_found`; `invalid_dataset` when its data cannot be found */
  openData(model: string): Promise<DataSource>;
  /** What people wrote about it, as Markdown; undefined when nobody did. */
  readNotes(model: string): Promise<string | undefined>;
  /** Whether there is one of that name. */
  has(model: string): Promise<boolean>;
  /** Opens data that is no model's yet. @param path as a person names it */
  openFile(path: string, reading?: Reading): Promise<DataSource>;
  /** Keeps a definition, in place of what there was. @param path of its data @param reading how that is written */
  write(spec: Spec, path: string, reading?: Reading): Promise<void>;
  /** Keeps where the data of a model is that has no definition here. @param path of the data */
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
