import { LapidaryError } from '../../core/errors.js';

/** Longer names exceed the limits of file systems. */
const SAFE_NAME = /^[a-z][a-z0-9-]{0,99}$/;

/** Returns whether it may be the name of a dataset: it cannot lead elsewhere. */
export function isDatasetName(name: string): boolean {
  return SAFE_NAME.test(name);
}

export function noDataset(dataset: string): LapidaryError {
  return new LapidaryError('dataset_not_found', `dataset "${dataset}" does not exist`);
}
