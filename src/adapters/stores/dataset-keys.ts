import { OPERATOR } from '../../core/operator.js';
import type { OwnedDataset } from '../../datasets/port.js';

/** A key of the log of batches: `[clients/CLIENT/]datasets/DATASET/INCARNATION/log/NUMBER`. */
const LOG_ENTRY =
  /^(?:clients\/([a-z0-9][a-z0-9-]*)\/)?datasets\/([a-z][a-z0-9-]*)\/[^/]+\/log\/\d+$/;

/**
 * Returns the dataset to which an object of this key adds a batch: only entries of a log do.
 * @param prefix of all keys in the bucket
 */
export function datasetOfKey(key: string, prefix: string): OwnedDataset | undefined {
  if (!key.startsWith(prefix)) return undefined;
  const [, client = OPERATOR, dataset] = LOG_ENTRY.exec(key.slice(prefix.length)) ?? [];
  return dataset === undefined ? undefined : { client, dataset };
}
