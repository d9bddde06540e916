/** What the log of a dataset's batches is written to: `…datasets/DATASET/INCARNATION/log/NUMBER`. */
const LOG_ENTRY = /(?:^|\/)datasets\/([a-z][a-z0-9-]*)\/[^/]+\/log\/\d+$/;

/**
 * The dataset that has another batch when an object of this key was created. The entry of a log is what
 * makes a batch part of its dataset; no other key tells of one.
 */
export function datasetOfKey(key: string): string | undefined {
  return LOG_ENTRY.exec(key)?.[1];
}
