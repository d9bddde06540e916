import { type Static, Type } from 'typebox';
import type { PageRequest } from './page.js';

const DEFAULT_LIMIT = 100;

/** How a query asks for a page of a list. @param pattern what the cursors of that list look like */
export const pageQuery = (pattern: string) =>
  Type.Object({ ...page, cursor: cursorLike(pattern) }, { additionalProperties: false });

const cursorLike = (pattern: string) =>
  Type.Optional(Type.String({ pattern, description: 'What `next` of the page before says.' }));

const page = {
  limit: Type.Optional(
    Type.String({
      pattern: '^([1-9][0-9]{0,2}|1000)$',
      description: `How many at most, from 1 to 1000; ${DEFAULT_LIMIT} when left out.`,
    }),
  ),
};
export type PageQuery = Static<ReturnType<typeof pageQuery>>;

/** Cursors that count: of batches, and of the lines of a log. */
export const COUNT = '^[0-9]{1,12}$';
/** Cursors that are names or ids. */
export const NAME = '^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$';

/** How an answer tells where its list goes on. */
export const Next = Type.Optional(
  Type.String({ description: 'The cursor of what follows; none when this is the end.' }),
);

/** What a query asks for. */
export function pageOf({ limit, cursor }: PageQuery): PageRequest {
  return {
    limit: limit === undefined ? DEFAULT_LIMIT : Number(limit),
    ...(cursor !== undefined && { cursor }),
  };
}
