import { BLOCK_BYTES, type OpenRoom, type Room, within } from '../../core/room.js';
import type { Objects, ObjectWriter } from './objects.js';

/** Returns objects that reserve room of a plan before each write. @param onRemove called before each removal */
export function countObjects(
  objects: Objects,
  open: OpenRoom,
  onRemove: () => Promise<void> = async () => {},
): Objects {
  const counting: Objects = Object.create(objects);
  counting.createOnce = async (key, bytes, how) => {
    if (how?.free) return objects.createOnce(key, bytes);
    const room = await open();
    let created = false;
    try {
      await room.take(blocksOf(bytes));
      created = await objects.createOnce(key, bytes);
    } finally {
      await room.close(created);
    }
    return created;
  };
  counting.replace = (key, bytes) =>
    within(open, async (room) => {
      await room.take(blocksOf(bytes));
      await objects.replace(key, bytes);
    });
  counting.write = (key) => new CountedWriter(objects.write(key), open);
  counting.remove = async (keys) => {
    if (keys.length > 0) await onRemove();
    await objects.remove(keys);
  };
  counting.sweep = async (prefix, before) => {
    await onRemove();
    return objects.sweep(prefix, before);
  };
  return counting;
}

class CountedWriter implements ObjectWriter {
  private room: Room | undefined;

  constructor(
    private readonly writer: ObjectWriter,
    private readonly open: OpenRoom,
  ) {}

  async write(bytes: Uint8Array): Promise<void> {
    this.room ??= await this.open();
    await this.room.take(bytes.length);
    await this.writer.write(bytes);
  }

  async end(): Promise<void> {
    await this.writer.end();
    await this.close(true);
  }

  async abort(): Promise<void> {
    await this.writer.abort();
    await this.close(false);
  }

  private async close(kept: boolean): Promise<void> {
    const { room } = this;
    this.room = undefined;
    await room?.close(kept);
  }
}

function blocksOf({ length }: Uint8Array): number {
  return Math.ceil(length / BLOCK_BYTES) * BLOCK_BYTES;
}
