import type { Static, TSchema } from 'typebox';
import * as Type from 'typebox';

/** A page of a list, and the cursor of the next page if more items follow. */
export interface Page<Item> {
  items: readonly Item[];
  next?: string;
}

/** The page that is requested. */
export interface PageRequest {
  /** {@link Page.next} of the page before; the first page by default. */
  cursor?: string;
  limit: number;
}

const DEFAULT_LIMIT = 100;

/** Pattern of numeric cursors: of batches and log lines. */
export const COUNT = '^[0-9]{1,12}$';
/** Pattern of cursors that are names or ids. */
export const NAME = '^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$';

/** Returns the schema of a query for a page. @param cursor pattern of the cursors of that list */
export const pageQuery = (cursor: string) =>
  Type.Object(
    {
      limit: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: 1000,
          default: DEFAULT_LIMIT,
          description: 'Most items to return.',
        }),
      ),
      cursor: Type.Optional(
        Type.String({ pattern: cursor, description: '`next` of the page before.' }),
      ),
    },
    { additionalProperties: false },
  );
export type PageQuery = Static<ReturnType<typeof pageQuery>>;

/** Returns the schema of a list that is returned whole. @param description order of the items */
export const listOf = <Item extends TSchema>(item: Item, description?: string) =>
  Type.Object({ items: Type.Array(item, description === undefined ? {} : { description }) });

/** Returns the schema of a page. @param description order of the items */
export const pageOf = <Item extends TSchema>(item: Item, description?: string) =>
  Type.Object({
    ...listOf(item, description).properties,
    next: Type.Optional(
      Type.String({ description: 'Cursor of the next page; absent on the last page.' }),
    ),
  });

/** Returns the page that a query requests. */
export function pageRequest({ limit = DEFAULT_LIMIT, cursor }: PageQuery): PageRequest {
  return { limit, ...(cursor !== undefined && { cursor }) };
}
