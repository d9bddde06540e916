import { BLOCK_BYTES } from '../core/room.js';
import type { ByteCounter } from './port.js';
import type { StoredBytes } from './stored-bytes.js';

/**
 * Counts stored bytes as they are written: reading the count takes one request, whatever the number of objects. A
 * measurement corrects the count for removed bytes.
 */
export class CountedBytes implements StoredBytes {
  constructor(
    private readonly place: Pick<StoredBytes, 'measure'>,
    private readonly counter: () => Promise<ByteCounter>,
  ) {}

  async count(): Promise<number> {
    return (await (await this.counter()).read()) ?? this.measure();
  }

  async measure(): Promise<number> {
    const counter = await this.counter();
    const before = await counter.read();
    const measured = await this.place.measure();
    await counter.correct(before, measured);
    return measured;
  }

  async add(bytes: number): Promise<void> {
    // Measurements count whole blocks, too.
    const blocks = Math.ceil(bytes / BLOCK_BYTES);
    // The bytes are stored even if the count fails: the next measurement includes them.
    await (await this.counter()).add(blocks * BLOCK_BYTES).catch(() => undefined);
  }
}
