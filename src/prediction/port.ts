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

/** Properties of a request for predictions. */
export interface Asked {
  /** Decides whether a challenger answers. */
  requestId?: string;
  /** Whether to check the aliases of the model first. */
  fresh?: boolean;
  /** Returns why preparing must stop: the client has disconnected, or it takes too long; undefined to continue. */
  ended?: Ended;
  /** Predictions that the plan of the client admitted; missing where the request is not metered. */
  reservation?: Reservation | null | undefined;
}

/** Context of preparing. */
export interface Preparing {
  spec: Pick<Spec, 'features'>;
  ended?: Ended;
}

/** Completes instances before the model reads them: decodes images, or adds stored features. */
export interface Preparer {
  /** Decides whether instances of a spec must be prepared. */
  needs(spec: Pick<Spec, 'features'>): boolean;
  /** Prepares instances. @throws LapidaryError `invalid_instances`; the error that `ended` returns */
  prepare(instances: readonly unknown[], preparing: Preparing): Promise<unknown[]>;
}

/** Predictions of a version before they are sent: the answer to a request, or the result of a batch. */
export type Conclusion =
  | {
      /** Role of the version; the predictions of a shadow are not sent. */
      role: 'champion' | 'challenger' | 'shadow';
      served: ServedModel;
      asked: Asked;
      /** Instances as prepared for the model. */
      instances: readonly unknown[];
      predictions: readonly Prediction[];
    }
  | {
      role: 'batch';
      /** A restarted job may conclude again, with the same prediction ids. */
      job: Job;
      result: ResultFacts;
    };

/** Called and awaited before any answer is sent; if it fails, the request or the job fails. */
export type Conclude = (conclusion: Conclusion) => void | Promise<void>;

/** Options of decoding an image. */
export interface DecodeOptions {
  /** Colour of transparent pixels; white by default. */
  background?: 'white' | 'black';
  /** Called with the number of pixels before they are decoded; may throw. */
  onPixels?: (pixels: number) => void;
}

/** Decodes the image files that callers send. */
export interface ImageDecoder {
  /**
   * Returns the image in grey and upright; a large one is scaled down.
   * @throws LapidaryError `invalid_image` for an unsupported, damaged or too large image
   */
  decode(bytes: Uint8Array, options?: DecodeOptions): Promise<GreyImage>;
}

/** Stored rows of a request. */
export interface InputFacts {
  format: BatchFormat;
  /** SHA-256 of the decompressed rows, in hexadecimal. */
  checksum: string;
  bytes: number;
}

/** Properties of a result. */
export interface ResultFacts {
  /** The version that predicted. */
  version: string;
  /** Answered rows. */
  rows: number;
  /** Rejected rows. */
  rejected: number;
  /** SHA-256 of the file of answered rows, in hexadecimal. */
  checksum: string;
  /** Length of that file. */
  bytes: number;
}

export interface OpenInput {
  input: InputFacts;
  content: Bytes;
}

export interface OpenResult {
  result: ResultFacts;
  /** CSV: the predicted rows. */
  content: Bytes;
  /** CSV: line, column, reason and row of each rejected row. */
  rejects: Bytes;
}

/** A result while it is written; it cannot be read yet. */
export interface ResultDraft {
  writeContent(bytes: Uint8Array): Promise<void>;
  writeRejects(bytes: Uint8Array): Promise<void>;
}

/**
 * Stores the inputs and results of batch predictions durably, by the id of their job. They never change.
 */
export interface BatchPredictionStore {
  /**
   * Stores the rows of a job: all or none. Only the first input of a job is stored. If `write` fails, nothing is.
   * @returns the stored input
   */
  putInputOnce(
    job: string,
    write: (sink: (bytes: Uint8Array) => Promise<void>) => Promise<InputFacts>,
  ): Promise<InputFacts>;
  /** Opens an input; returns undefined when none is stored. */
  openInput(job: string): Promise<OpenInput | undefined>;
  /** Stores the result of a job, as {@link putInputOnce}: the first attempt that completes wins. */
  putResultOnce(
    job: string,
    write: (draft: ResultDraft) => Promise<ResultFacts>,
  ): Promise<ResultFacts>;
  /** Opens a result; returns undefined when none is stored. */
  openResult(job: string): Promise<OpenResult | undefined>;
  /** Removes the input and the result of a job. @returns whether it had any */
  remove(job: string): Promise<boolean>;
  /** Returns the jobs with stored data. */
  jobs(): Promise<string[]>;
  /**
   * Removes the data of a job without a put since a time, and older files of crashes.
   * @returns the time of its last put if data is left
   */
  sweep(job: string, before: Date): Promise<Date | undefined>;
}
