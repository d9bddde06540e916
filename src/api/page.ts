/** A page of a list, and the cursor of the next page if there is one. */
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
