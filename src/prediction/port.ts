import type { GreyImage } from '../ml/image.js';

/** Reads the image files that callers send. */
export interface ImageDecoder {
  /**
   * The image in grey, upright, on white where it is transparent; a large one comes scaled down.
   * @throws LapidaryError `invalid_image` when it is of another kind than is taken, damaged or too large
   */
  decode(bytes: Uint8Array): Promise<GreyImage>;
}
