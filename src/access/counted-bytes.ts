import { BLOCK_BYTES } from '../core/room.js';
import type { ByteCounter } from './port.js';
import type { StoredBytes } from './stored-bytes.js';

/**
 * Stored bytes that are counted as they are written: counting takes one request however many objects there are.
 * Removed bytes leave the count when it is measured.
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
    // As they are measured.
    const blocks = Math.ceil(bytes / BLOCK_BYTES);
    // They are stored, whether they are counted or not: the next measurement includes them.
    await (await this.counter()).add(blocks * BLOCK_BYTES).catch(() => undefined);
  }
}
