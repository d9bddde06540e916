import { OPERATOR } from '../../core/operator.js';
import type { OwnedDataset } from '../../datasets/port.js';

/** What the log of batches is written to: `…[clients/CLIENT/]datasets/DATASET/INCARNATION/log/NUMBER`. */
const LOG_ENTRY =
  /(?:^|\/)(?:clients\/([a-z0-9][a-z0-9-]*)\/)?datasets\/([a-z][a-z0-9-]*)\/[^/]+\/log\/\d+$/;

/**
 * The dataset that has another batch when an object of this key was created. The entry of a log is what
 * makes a batch part of its dataset; no other key tells of one.
 */
export function datasetOfKey(key: string): OwnedDataset | undefined {
  const [, client = OPERATOR, dataset] = LOG_ENTRY.exec(key) ?? [];
  return dataset === undefined ? undefined : { client, dataset };
}
