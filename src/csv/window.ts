/** A sliding window over a file: a buffer that its chunks are copied to, in order. */
export class Window {
  /** Holds the window from start to end, with as much room after it, and two more bytes. */
  bytes: Buffer;
  start = 0;
  end = 0;
  private chunk: Uint8Array = new Uint8Array(0);
  private used = 0;

  /** @param size of the window in bytes; it grows if a record is longer */
  constructor(
    private readonly source: AsyncIterator<Uint8Array>,
    private size: number,
  ) {
    this.bytes = allocate(size);
  }

  /** Moves the rest to the front and fills up, with at least one byte. @returns false at the end of the file */
  async fill(): Promise<boolean> {
    this.makeRoom();
    while (this.end < this.size) {
      if (this.used < this.chunk.length) this.copy();
      else {
        const next = await this.source.next();
        if (next.done) return false;
        this.chunk = next.value;
        this.used = 0;
      }
    }
    return true;
  }

  /** Yields the window and the rest of the file. */
  async *rest(): AsyncGenerator<Uint8Array> {
    try {
      yield Buffer.from(this.bytes.subarray(this.start, this.end));
      if (this.used < this.chunk.length) yield this.chunk.subarray(this.used);
      for (let next = await this.source.next(); !next.done; next = await this.source.next())
        yield next.value;
    } finally {
      await this.close();
    }
  }

  /** Releases the file before its end. */
  async close(): Promise<void> {
    await this.source.return?.();
  }

  private copy(): void {
    const part = this.chunk.subarray(this.used, this.used + this.size - this.end);
    this.bytes.set(part, this.end);
    this.used += part.length;
    this.end += part.length;
  }

  private makeRoom(): void {
    const { bytes, start, end } = this;
    if (end - start === this.size) {
      this.size *= 2;
      this.bytes = allocate(this.size);
    }
    this.bytes.set(bytes.subarray(start, end));
    this.start = 0;
    this.end = end - start;
  }
}

function allocate(size: number): Buffer {
  return Buffer.allocUnsafeSlow(2 * size + 2);
}
