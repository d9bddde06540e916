const HEX = Buffer.from('0123456789abcdef');
/** Of a UUID: where its last 48 bits begin and end. */
const [START, END] = [24, 36];

/**
 * The ids of a batch's predictions: the id of the job with the line of the row as its last 48 bits. A job that is
 * begun again has the same ids.
 */
export class PredictionIds {
  /** The current id, in ASCII. */
  readonly bytes: Uint8Array;

  /** @param job a UUID */
  constructor(job: string) {
    this.bytes = Buffer.from(job);
  }

  /** Moves on to the id of a row. @param line the only row to begin there */
  next(line: number): void {
    for (let at = END - 1, rest = line; at >= START; at--) {
      const above = Math.floor(rest / 16);
      this.bytes[at] = HEX[rest - 16 * above]!;
      rest = above;
    }
  }
}
