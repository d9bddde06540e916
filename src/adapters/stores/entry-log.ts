/**
 * Entries that are numbered from 1 on, without a gap, and never change. To add one is to create the entry
 * behind all others, which only one of several does, be they processes or machines; nobody waits for
 * another. Who added the n-th has seen all before it.
 */
export class EntryLog<Entry> {
  private readonly seen: Entry[] = [];

  /**
   * @param readEntry the entry of a number; undefined when there is none yet
   * @param ahead how many entries are read at once where there are many
   */
  constructor(
    private readonly readEntry: (number: number) => Promise<Entry | undefined>,
    private readonly ahead: number,
  ) {}

  /** The entries that were seen so far, in their order. */
  get entries(): readonly Entry[] {
    return this.seen;
  }

  /** All entries, in their order. Each is read once. */
  async read(): Promise<readonly Entry[]> {
    for (let width = 1; ; width = Math.min(2 * width, this.ahead)) {
      const first = this.seen.length + 1;
      const numbers = Array.from({ length: width }, (_, i) => first + i);
      const found = await Promise.all(numbers.map((number) => this.readEntry(number)));
      // What came behind the first that is missing came later: it is read when its turn comes.
      for (const [i, entry] of found.entries()) {
        if (entry === undefined) return this.seen;
        this.take(first + i, entry);
      }
    }
  }

  /**
   * Adds an entry behind those that were seen, unless somebody else did; then that one is seen afterwards.
   * @param create creates the entry of a number, and tells whether it did
   */
  async add(entry: Entry, create: (number: number) => Promise<boolean>): Promise<boolean> {
    const number = this.seen.length + 1;
    const created = await create(number);
    if (created) this.take(number, entry);
    else await this.read();
    return created;
  }

  /** Called with each entry, in their order; what it returns is kept. */
  protected arrange(entry: Entry): Entry {
    return entry;
  }

  /** Somebody else of this process may have been faster. */
  private take(number: number, entry: Entry): void {
    if (number === this.seen.length + 1) this.seen.push(this.arrange(entry));
  }
}
