/** Counts what one request or job stores against what its client may have stored. */
export interface Room {
  /**
   * Takes room for bytes that are about to be written.
   * @throws LapidaryError `plan_exceeded` when there is none
   */
  take(bytes: number): Promise<void>;
  /** Ends it. @param kept whether what was written stays */
  close(kept: boolean): void;
}

export type OpenRoom = () => Promise<Room>;

/** What a client has stored, wherever that is. */
export interface StoredBytes {
  /** Whether what is being written is counted while it is. */
  readonly countsUnfinished: boolean;
  /** Bytes of all that it has; a small file counts as one block. */
  measure(): Promise<number>;
}

/** What a small file takes, in any place. */
export const BLOCK_BYTES = 4096;

/** Does something that stores, and gives back its room when nothing came of it. */
export async function within<Result>(
  open: OpenRoom,
  store: (room: Room) => Promise<Result>,
): Promise<Result> {
  const room = await open();
  let kept = false;
  try {
    const result = await store(room);
    kept = true;
    return result;
  } finally {
    room.close(kept);
  }
}
