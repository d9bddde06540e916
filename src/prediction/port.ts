import type { Reservation } from '../api/reservation.js';
import type { LapidaryError } from '../core/errors.js';
import type { BatchFormat } from '../datasets/port.js';
import type { Job } from '../jobs/port.js';
import type { GreyImage } from '../ml/image.js';
import type { Spec } from '../ml/spec.js';
import type { Bytes } from '../rows/source.js';
import type { ServedModel } from '../serving/service.js';
import type { Prediction } from './service.js';

type Ended = (() => LapidaryError | undefined) | undefined;

/** How a request asks for predictions. */
export interface Asked {
  /** Decides whether a challenger answers. */
  requestId?: string;
  /** Whether to check first where the model's aliases point now. */
  fresh?: boolean;
  /** Returns why preparing must end, if it must: the client has hung up, or it takes too long. */
  ended?: Ended;
  /** What the plan of the client admitted; nothing where the request is not metered. */
  reservation?: Reservation | null | undefined;
}

/** What instances are prepared for. */
export interface Preparing {
  spec: Pick<Spec, 'features'>;
  ended?: Ended;
}

/** Completes instances before the model reads them: decodes images, or adds what is stored elsewhere. */
export interface Preparer {
  /** Returns whether instances of a spec have to be prepared. */
  needs(spec: Pick<Spec, 'features'>): boolean;
  /** @throws LapidaryError `invalid_instances`; what `ended` returns */
  prepare(instances: readonly unknown[], preparing: Preparing): Promise<unknown[]>;
}

/** Predictions of a version before they leave: the answer to a request, or the result of a batch. */
export type Conclusion =
  | {
      /** What the version was for the request; a shadow's predictions do not leave. */
      role: 'champion' | 'challenger' | 'shadow';
      served: ServedModel;
      asked: Asked;
      /** As the model read them. */
      instances: readonly unknown[];
      predictions: readonly Prediction[];
    }
  | {
      role: 'batch';
      /** A job that is begun again can conclude again, with the same ids of predictions. */
      job: Job;
      result: ResultFacts;
    };

/** Called and awaited before any answer leaves; when it fails, the request or the job does. */
export type Conclude = (conclusion: Conclusion) => void | Promise<void>;

/** How an image is decoded. */
export interface DecodeOptions {
  /** What shows where the image is transparent; white by default. */
  background?: 'white' | 'black';
  /** Called with the pixels that the image says it has, before they are decoded; may throw. */
  onPixels?: (pixels: number) => void;
}

/** Reads the image files that callers send. */
export interface ImageDecoder {
  /**
   * Returns the image in grey and upright; a large one is scaled down.
   * @throws LapidaryError `invalid_image` when it is of another kind than is taken, damaged or too large
   */
  decode(bytes: Uint8Array, options?: DecodeOptions): Promise<GreyImage>;
}

/** Rows that were sent to be predicted. */
export interface InputFacts {
  format: BatchFormat;
  /** SHA-256 of them, unpacked, in hexadecimal. */
  checksum: string;
  bytes: number;
}

/** What is known of a result once all of it is written. */
export interface ResultFacts {
  /** The version that answered. */
  version: string;
  /** Rows that were answered. */
  rows: number;
  /** Rows that could not be. */
  rejected: number;
  /** SHA-256 of the answered rows as they are written, in hexadecimal. */
  checksum: string;
  /** How many they are. */
  bytes: number;
}

export interface OpenInput {
  input: InputFacts;
  content: Bytes;
}

export interface OpenResult {
  result: ResultFacts;
  /** CSV: the answered rows. */
  content: Bytes;
  /** CSV: line, column, reason and row of each that could not be answered. */
  rejects: Bytes;
}

/** A result that is being written; it cannot be read yet. */
export interface ResultDraft {
  writeContent(bytes: Uint8Array): Promise<void>;
  writeRejects(bytes: Uint8Array): Promise<void>;
}

/**
 * Where batch predictions keep what they read and what they write, by the id of their job. What was put is
 * there after a crash, and never changes.
 */
export interface BatchPredictionStore {
  /**
   * Puts the rows of a job: all of them, or none. Of several inputs of a job only the first is put. When
   * `write` fails nothing stays of it.
   * @returns what is there now
   */
  putInputOnce(
    job: string,
    write: (sink: (bytes: Uint8Array) => Promise<void>) => Promise<InputFacts>,
  ): Promise<InputFacts>;
  /** Returns undefined when there is none. */
  openInput(job: string): Promise<OpenInput | undefined>;
  /** As {@link putInputOnce}, for the result of a job: the first attempt that is done with it has it. */
  putResultOnce(
    job: string,
    write: (draft: ResultDraft) => Promise<ResultFacts>,
  ): Promise<ResultFacts>;
  /** Returns undefined when there is none. */
  openResult(job: string): Promise<OpenResult | undefined>;
  /** Removes all that a job has. @returns whether it had something */
  remove(job: string): Promise<boolean>;
  /** Removes what the jobs have to which nothing was put since a moment, and what crashes left before it. */
  sweep(before: Date): Promise<void>;
}
