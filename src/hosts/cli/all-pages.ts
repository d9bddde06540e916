import type { Page, PageRequest } from '../../api/page.js';

const PAGE = 1000;

/** Returns the items of all pages. */
export async function allPages<Item>(
  read: (page: PageRequest) => Promise<Page<Item>>,
): Promise<Item[]> {
  const found: Item[] = [];
  for (let cursor: string | undefined; ; ) {
    const { items, next } = await read({ limit: PAGE, ...(cursor !== undefined && { cursor }) });
    found.push(...items);
    if (next === undefined) return found;
    cursor = next;
  }
}
