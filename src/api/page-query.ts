import { type Static, Type } from 'typebox';
import type { PageRequest } from './page.js';

const DEFAULT_LIMIT = 100;

/** Returns the schema of a query for a page. @param pattern of the cursors of that list */
export const pageQuery = (pattern: string) =>
  Type.Object({ ...page, cursor: cursorLike(pattern) }, { additionalProperties: false });

const cursorLike = (pattern: string) =>
  Type.Optional(Type.String({ pattern, description: '`next` of the page before.' }));

const page = {
  limit: Type.Optional(
    Type.String({
      pattern: '^([1-9][0-9]{0,2}|1000)$',
      description: `Items at most, from 1 to 1000; ${DEFAULT_LIMIT} by default.`,
    }),
  ),
};
export type PageQuery = Static<ReturnType<typeof pageQuery>>;

/** Pattern of numeric cursors: of batches and log lines. */
export const COUNT = '^[0-9]{1,12}$';
/** Pattern of cursors that are names or ids. */
export const NAME = '^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$';

/** The cursor of the next page in a response. */
export const Next = Type.Optional(
  Type.String({ description: 'Cursor of the next page; absent on the last page.' }),
);

/** Returns the page that a query requests. */
export function pageOf({ limit, cursor }: PageQuery): PageRequest {
  return {
    limit: limit === undefined ? DEFAULT_LIMIT : Number(limit),
    ...(cursor !== undefined && { cursor }),
  };
}
