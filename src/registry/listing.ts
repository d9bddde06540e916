import { LapidaryError } from '../core/errors.js';
import type { Metrics } from '../ml/metrics/metrics.js';
import type { VersionRecord } from './version.js';

/** What a list of versions tells of one. */
export interface VersionSummary {
  id: string;
  trainedAt?: string;
  importedAt?: string;
  /** On its test rows. */
  metrics?: Metrics;
  /** Why nothing more can be told. */
  damaged?: string;
}

/** Some of a list, and where the next begins if there are more. */
export interface Page<Item> {
  items: Item[];
  nextCursor?: string;
}

/** What is told of a version. */
export function summaryOf({ id, card }: VersionRecord): VersionSummary {
  const { training, imported, metrics } = card;
  return {
    id,
    ...(training && { trainedAt: training.trainedAt }),
    ...(imported && { importedAt: imported.importedAt }),
    ...(metrics && { metrics: metrics.test }),
  };
}

/**
 * One page of versions, the newest first.
 * @param cursor where the page begins, as the one before told. It is a place in time, not a version:
 *   it holds when versions come and go.
 * @throws LapidaryError `invalid_request` when the cursor is none
 */
export function pageOf(
  summaries: readonly VersionSummary[],
  limit: number,
  cursor?: string,
): Page<VersionSummary> {
  const sorted = summaries
    .map((summary) => ({ key: keyOf(summary), summary }))
    .sort((a, b) => (a.key < b.key ? 1 : -1));
  const after = cursor === undefined ? undefined : decodeCursor(cursor);
  const rest = after === undefined ? sorted : sorted.filter(({ key }) => key < after);
  const page = rest.slice(0, limit);
  return {
    items: page.map(({ summary }) => summary),
    ...(rest.length > limit && { nextCursor: encodeCursor(page.at(-1)!.key) }),
  };
}

/** Its time, as text that sorts; a damaged version has none and comes last. */
const keyOf = ({ id, trainedAt, importedAt }: VersionSummary) =>
  `${trainedAt ?? importedAt ?? ''}/${id}`;

const BASE64URL = /^[\w-]{1,500}$/;

const encodeCursor = (key: string) => Buffer.from(key).toString('base64url');

function decodeCursor(cursor: string): string {
  // What no list gave is a place in it, too.
  if (BASE64URL.test(cursor)) return Buffer.from(cursor, 'base64url').toString();
  throw new LapidaryError('invalid_request', 'the cursor is not one that this list gave');
}
