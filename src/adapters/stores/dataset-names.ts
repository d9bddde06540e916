import { LapidaryError } from '../../core/errors.js';

/** Longer names exceed the limits of file systems. */
const SAFE_NAME = /^[a-z][a-z0-9-]{0,99}$/;

/** Decides whether text can be the name of a dataset, and cannot leave its directory. */
export function isDatasetName(name: string): boolean {
  return SAFE_NAME.test(name);
}

export function noDataset(dataset: string): LapidaryError {
  return new LapidaryError('dataset_not_found', `dataset "${dataset}" does not exist`);
}
