import { OPERATOR } from '../../core/operator.js';
import type { OwnedDataset } from '../../datasets/port.js';

/** What the log of batches is written to: `[clients/CLIENT/]datasets/DATASET/INCARNATION/log/NUMBER`. */
const LOG_ENTRY =
  /^(?:clients\/([a-z0-9][a-z0-9-]*)\/)?datasets\/([a-z][a-z0-9-]*)\/[^/]+\/log\/\d+$/;

/**
 * The dataset that has another batch when an object of this key was created. The entry of a log is what
 * makes a batch part of its dataset; no other key tells of one.
 * @param prefix what all our keys in the bucket begin with
 */
export function datasetOfKey(key: string, prefix: string): OwnedDataset | undefined {
  if (!key.startsWith(prefix)) return undefined;
  const [, client = OPERATOR, dataset] = LOG_ENTRY.exec(key.slice(prefix.length)) ?? [];
  return dataset === undefined ? undefined : { client, dataset };
}
