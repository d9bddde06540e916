import { LapidaryError } from '../../core/errors.js';

/** A longer one no file could have. */
const SAFE_NAME = /^[a-z][a-z0-9-]{0,99}$/;

/** Whether it may be the name of a dataset: it cannot lead elsewhere. */
export function isDatasetName(name: string): boolean {
  return SAFE_NAME.test(name);
}

export function noDataset(dataset: string): LapidaryError {
  return new LapidaryError('dataset_not_found', `there is no dataset "${dataset}"`);
}
