/** Some of a list, and where it goes on; no cursor when that is all. */
export interface Page<Item> {
  items: readonly Item[];
  next?: string;
}

/** Which part of a list is asked for. */
export interface PageRequest {
  /** What {@link Page.next} was; from the beginning when left out. */
  cursor?: string;
  limit: number;
}
