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
    this.bytes = Buffer.from(job).fill('0', START, END);
  }

  /** Moves on to the id of a row. @param line that the row begins on, above that of the row before */
  next(line: number): void {
    // The digits in front are zeros already.
    for (let at = END - 1, rest = line; rest > 0; at--) {
      const digit = rest % 16;
      this.bytes[at] = HEX[digit]!;
      rest = (rest - digit) / 16;
    }
  }
}
