/** Result of {@link Categories.indexOf} for an unknown category. */
export const UNKNOWN = -1;

/** Finds the index of a known category by its bytes, without creating a string. */
export class Categories {
  /** All categories as UTF-8, concatenated. */
  private readonly text: Uint8Array;
  /** Offset at which each category begins, and the end of the last. */
  private readonly starts: Int32Array;
  /** Hash table with open addressing: an index, or {@link UNKNOWN} in a free slot. */
  private readonly slots: Int32Array;
  private readonly mask: number;

  /** @param categories all known categories, without duplicates */
  constructor(categories: readonly string[]) {
    const encoded = categories.map((category) => Buffer.from(category));
    this.text = new Uint8Array(Buffer.concat(encoded));
    this.starts = new Int32Array(categories.length + 1);
    encoded.forEach(({ length }, i) => {
      this.starts[i + 1] = this.starts[i]! + length;
    });
    const size = 2 ** Math.ceil(Math.log2(4 * categories.length + 1));
    this.slots = new Int32Array(size).fill(UNKNOWN);
    this.mask = size - 1;
    for (let i = 0; i < categories.length; i++) {
      let slot = hash(this.text, this.starts[i]!, this.starts[i + 1]!) & this.mask;
      while (this.slots[slot] !== UNKNOWN) slot = (slot + 1) & this.mask;
      this.slots[slot] = i;
    }
  }

  /** Returns the index of the category in a range of bytes, or {@link UNKNOWN}. */
  indexOf(bytes: Uint8Array, start: number, end: number): number {
    const { slots, mask } = this;
    for (let slot = hash(bytes, start, end) & mask; ; slot = (slot + 1) & mask) {
      const index = slots[slot]!;
      if (index === UNKNOWN || this.equals(index, bytes, start, end)) return index;
    }
  }

  private equals(index: number, bytes: Uint8Array, start: number, end: number): boolean {
    const { text } = this;
    const first = this.starts[index]!;
    if (this.starts[index + 1]! - first !== end - start) return false;
    for (let i = first, pos = start; pos < end; i++, pos++) {
      if (text[i] !== bytes[pos]) return false;
    }
    return true;
  }
}

/** Computes FNV-1a with its upper bits folded in. */
function hash(bytes: Uint8Array, start: number, end: number): number {
  let value = 0x811c9dc5;
  for (let pos = start; pos < end; pos++) value = Math.imul(value ^ bytes[pos]!, 0x01000193);
  return value ^ (value >>> 15);
}
