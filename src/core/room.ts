/** Counts the bytes that one request or job stores against the plan of its client. */
export interface Room {
  /**
   * Reserves bytes before they are written.
   * @throws LapidaryError `plan_exceeded`
   */
  take(bytes: number): Promise<void>;
  /** Ends the reservation. @param kept whether the bytes stay stored */
  close(kept: boolean): Promise<void>;
}

export type OpenRoom = () => Promise<Room>;

/** Bytes that a small file takes. */
export const BLOCK_BYTES = 4096;

/** Runs a write within a reservation, and releases it when the write fails. */
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
    await room.close(kept);
  }
}
