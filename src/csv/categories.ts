/** What {@link Categories.indexOf} gives for a category it does not know. */
export const UNKNOWN = -1;

/** Finds the index of a known category by its bytes, without making a string of them. */
export class Categories {
  /** All categories as UTF-8, one behind the other. */
  private readonly text: Uint8Array;
  /** Where each begins in the text, and the last ends. */
  private readonly starts: Int32Array;
  /** A hash table with open addressing: an index, or {@link UNKNOWN} in a slot that is free. */
  private readonly slots: Int32Array;
  private readonly mask: number;

  /** @param categories all known ones, each once */
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

  /** The index of the category that stands in some bytes, or {@link UNKNOWN}. */
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

/** FNV-1a, its upper bits folded in. */
function hash(bytes: Uint8Array, start: number, end: number): number {
  let value = 0x811c9dc5;
  for (let pos = start; pos < end; pos++) value = Math.imul(value ^ bytes[pos]!, 0x01000193);
  return value ^ (value >>> 15);
}
