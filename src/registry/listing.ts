import type { Page, PageRequest } from '../api/page.js';
import { LapidaryError } from '../core/errors.js';
import type { VersionSummary } from './schema.js';
import type { VersionRecord } from './version.js';

/** Returns the summary of a version. */
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
 * Returns a page of versions, the newest first. A cursor is a place in time: it stays valid when versions are published
 * or removed.
 * @throws LapidaryError `invalid_request` for a malformed cursor
 */
export function pageOfVersions(
  summaries: readonly VersionSummary[],
  { limit, cursor }: PageRequest,
): Page<VersionSummary> {
  const sorted = summaries
    .map((summary) => ({ key: keyOf(summary), summary }))
    .sort((a, b) => (a.key < b.key ? 1 : -1));
  const after = cursor === undefined ? undefined : decodeCursor(cursor);
  const rest = after === undefined ? sorted : sorted.filter(({ key }) => key < after);
  const page = rest.slice(0, limit);
  return {
    items: page.map(({ summary }) => summary),
    ...(rest.length > limit && { next: encodeCursor(page.at(-1)!.key) }),
  };
}

/** Returns the time of a version as text that sorts; a damaged one has none and is last. */
const keyOf = ({ id, trainedAt, importedAt }: VersionSummary) =>
  `${trainedAt ?? importedAt ?? ''}/${id}`;

const BASE64URL = /^[\w-]{1,500}$/;

const encodeCursor = (key: string) => Buffer.from(key).toString('base64url');

function decodeCursor(cursor: string): string {
  if (BASE64URL.test(cursor)) return Buffer.from(cursor, 'base64url').toString();
  throw new LapidaryError('invalid_request', 'the cursor is invalid: send `next` of a page');
}

/** The summaries of versions. Versions are immutable, so a summary stays valid once it is read. */
export class Summaries {
  private readonly known = new Map<string, VersionSummary>();

  constructor(private readonly read: (model: string, id: string) => Promise<VersionRecord>) {}

  /** Returns the summaries of the versions that exist. */
  async of(model: string, ids: readonly string[]): Promise<VersionSummary[]> {
    const summaries: VersionSummary[] = [];
    for (const id of ids) {
      const summary = await this.summarise(model, id);
      if (summary) summaries.push(summary);
    }
    return summaries;
  }

  forget(model: string, id: string): void {
    this.known.delete(`${model}/${id}`);
  }

  /** Returns undefined for a version that was deleted meanwhile. */
  private async summarise(model: string, id: string): Promise<VersionSummary | undefined> {
    const key = `${model}/${id}`;
    const known = this.known.get(key);
    if (known) return known;
    try {
      const summary = summaryOf(await this.read(model, id));
      this.known.set(key, summary);
      return summary;
    } catch (error) {
      if (!(error instanceof LapidaryError)) throw error;
      return error.code === 'version_not_found' ? undefined : { id, damaged: error.message };
    }
  }
}
