const HEX = Buffer.from('0123456789abcdef');
/** Positions of the last 48 bits in the text of a UUID. */
const [START, END] = [24, 36];

/**
 * Generates the ids of the predictions of a batch: the id of the job with the line of the row as its last 48 bits. A
 * restarted job generates the same ids.
 */
export class PredictionIds {
  /** The current id, in ASCII. */
  readonly bytes: Uint8Array;

  /** @param job a UUID */
  constructor(job: string) {
    this.bytes = Buffer.from(job).fill('0', START, END);
  }

  /** Sets the id of a row. @param line on which the row begins, greater than that of the previous row */
  next(line: number): void {
    // The leading digits are zeros already.
    for (let at = END - 1, rest = line; rest > 0; at--) {
      const digit = rest % 16;
      this.bytes[at] = HEX[digit]!;
      rest = (rest - digit) / 16;
    }
  }
}
