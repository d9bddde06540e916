import type { BatchFormat } from '../datasets/port.js';
import type { GreyImage } from '../ml/image.js';
import type { Bytes } from '../rows/source.js';

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

/** A result that is being written; nobody sees it. */
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
  /** Undefined when there is none. */
  openInput(job: string): Promise<OpenInput | undefined>;
  /** As {@link putInputOnce}, for the result of a job: the first attempt that is done with it has it. */
  putResultOnce(
    job: string,
    write: (draft: ResultDraft) => Promise<ResultFacts>,
  ): Promise<ResultFacts>;
  /** Undefined when there is none. */
  openResult(job: string): Promise<OpenResult | undefined>;
  /** Removes all that a job has. @returns whether it had something */
  remove(job: string): Promise<boolean>;
  /** Removes what the jobs have to which nothing was put since a moment, and what crashes left before it. */
  sweep(before: Date): Promise<void>;
}
