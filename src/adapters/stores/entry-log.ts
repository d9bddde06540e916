/**
 * A log of immutable entries, numbered from 1 without gaps. An entry is added by creating the next number, which only one
 * of several concurrent writers can do; none waits for another. The writer of an entry has read all earlier ones.
 */
export class EntryLog<Entry> {
  private readonly seen: Entry[] = [];

  /**
   * @param readEntry returns the entry of a number; undefined when it does not exist yet
   * @param ahead entries that are read concurrently at most
   */
  constructor(
    private readonly readEntry: (number: number) => Promise<Entry | undefined>,
    private readonly ahead: number,
  ) {}

  /** The entries read so far, in order. */
  get entries(): readonly Entry[] {
    return this.seen;
  }

  /** Returns all entries, in order. Each is read once. */
  async read(): Promise<readonly Entry[]> {
    for (let width = 1; ; width = Math.min(2 * width, this.ahead)) {
      const first = this.seen.length + 1;
      const numbers = Array.from({ length: width }, (_, i) => first + i);
      const found = await Promise.all(numbers.map((number) => this.readEntry(number)));
      // Entries after the first missing one are newer: the next call reads them.
      for (const [i, entry] of found.entries()) {
        if (entry === undefined) return this.seen;
        this.take(first + i, entry);
      }
    }
  }

  /**
   * Adds an entry after those read so far, unless another writer has added one, which is then read.
   * @param create creates the entry of a number, and returns whether it did
   */
  async add(entry: Entry, create: (number: number) => Promise<boolean>): Promise<boolean> {
    const number = this.seen.length + 1;
    const created = await create(number);
    if (created) this.take(number, entry);
    else await this.read();
    return created;
  }

  /** Called with each entry, in order; returns the entry to keep. */
  protected arrange(entry: Entry): Entry {
    return entry;
  }

  /** Keeps an entry, unless a concurrent call has. */
  private take(number: number, entry: Entry): void {
    if (number === this.seen.length + 1) this.seen.push(this.arrange(entry));
  }
}
