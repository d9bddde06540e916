import { type Static, Type } from 'typebox';
import type { PageRequest } from './page.js';

const DEFAULT_LIMIT = 100;

/** How a query asks for a page of a list. */
export const PageQuery = Type.Object(
  {
    limit: Type.Optional(
      Type.String({
        pattern: '^([1-9][0-9]{0,2}|1000)$',
        description: `How many at most, from 1 to 1000; ${DEFAULT_LIMIT} when left out.`,
      }),
    ),
    cursor: Type.Optional(Type.String({ description: 'What `next` of the page before says.' })),
  },
  { additionalProperties: false },
);
export type PageQuery = Static<typeof PageQuery>;

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
