import { OPERATOR } from '../../core/operator.js';
import type { OwnedDataset } from '../../datasets/port.js';

/** A key of the log of batches: `[clients/CLIENT/]datasets/DATASET/INCARNATION/log/NUMBER`. */
const LOG_ENTRY =
  /^(?:clients\/([a-z0-9][a-z0-9-]*)\/)?datasets\/([a-z][a-z0-9-]*)\/[^/]+\/log\/\d+$/;

/**
 * Returns the dataset that got a batch when an object of this key was created. Only the entry in a log makes a batch
 * part of its dataset.
 * @param prefix what all our keys in the bucket begin with
 */
export function datasetOfKey(key: string, prefix: string): OwnedDataset | undefined {
  if (!key.startsWith(prefix)) return undefined;
  const [, client = OPERATOR, dataset] = LOG_ENTRY.exec(key.slice(prefix.length)) ?? [];
  return dataset === undefined ? undefined : { client, dataset };
}
