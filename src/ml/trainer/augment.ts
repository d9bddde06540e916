import type { PixelInput } from '../encoding/encoder.js';
import type { Hyperparameters } from '../spec.js';

type Augmentation = NonNullable<Hyperparameters['augmentation']>;

/** Number of points per side between which the elastic displacement is interpolated (after Simard et al., 2003). */
const GRID = 5;

/** Varies the images of batches, each by its own random amounts. */
export class ImageAugmenter {
  /** The image with a dark border, so that pixels just outside can be read. */
  private readonly padded: Float32Array;
  private readonly displacementX = new Float32Array(GRID * GRID);
  private readonly displacementY = new Float32Array(GRID * GRID);

  constructor(
    private readonly pixels: PixelInput,
    private readonly augmentation: Augmentation,
    private readonly random: () => number,
  ) {
    this.padded = new Float32Array((pixels.width + 2) * (pixels.height + 2));
  }

  /** Varies images in place. @param inputs encoded rows `[rows * width]`, with the pixels at their ends */
  apply(inputs: Float32Array, width: number): void {
    const size = this.pixels.width * this.pixels.height;
    for (let end = width; end <= inputs.length; end += width)
      this.warp(inputs.subarray(end - size, end));
  }

  private warp(image: Float32Array): void {
    const { width, height } = this.pixels;
    const { shift, rotate, scale, shear = 0, elastic = 0 } = this.augmentation;
    const angle = (this.within(rotate) * Math.PI) / 180;
    const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
    const [scaleX, scaleY] = [1 + this.within(scale), 1 + this.within(scale)];
    const slant = this.within(shear);
    const [shiftX, shiftY] = [this.within(shift), this.within(shift)];
    const [xx, xy] = [cosine / scaleX, (slant * cosine - sine) / scaleX];
    const [yx, yy] = [sine / scaleY, (cosine + slant * sine) / scaleY];
    this.displace(elastic);
    this.pad(image);
    const [middleX, middleY] = [(width - 1) / 2, (height - 1) / 2];
    for (let y = 0; y < height; y++) {
      const v = y - middleY;
      const gridY = (y * (GRID - 1)) / Math.max(1, height - 1);
      for (let x = 0; x < width; x++) {
        const u = x - middleX;
        const gridX = (x * (GRID - 1)) / Math.max(1, width - 1);
        image[y * width + x] = this.read(
          middleX + shiftX + xx * u + xy * v + interpolate(this.displacementX, GRID, gridX, gridY),
          middleY + shiftY + yx * u + yy * v + interpolate(this.displacementY, GRID, gridX, gridY),
        );
      }
    }
  }

  private displace(most: number): void {
    // The sum of three uniform numbers is nearly normal, with a deviation of one half.
    const normal = () => 2 * (this.random() + this.random() + this.random() - 1.5);
    for (let i = 0; i < GRID * GRID; i++) {
      this.displacementX[i] = most * normal();
      this.displacementY[i] = most * normal();
    }
  }

  private pad(image: Float32Array): void {
    const { width, height } = this.pixels;
    for (let y = 0; y < height; y++)
      this.padded.set(image.subarray(y * width, (y + 1) * width), (y + 1) * (width + 2) + 1);
  }

  /** Reads a point of the image, interpolated; 0 outside. */
  private read(x: number, y: number): number {
    const { width, height } = this.pixels;
    if (!(x > -1 && x < width && y > -1 && y < height)) return 0;
    return interpolate(this.padded, width + 2, x + 1, y + 1);
  }

  private within(most: number): number {
    return (2 * this.random() - 1) * most;
  }
}

/** Interpolates between the four nearest values of a grid. */
function interpolate(grid: Float32Array, width: number, x: number, y: number): number {
  const left = Math.min(Math.floor(x), width - 2);
  const top = Math.min(Math.floor(y), grid.length / width - 2);
  const [right, bottom] = [x - left, y - top];
  const at = top * width + left;
  return (
    (grid[at]! * (1 - right) + grid[at + 1]! * right) * (1 - bottom) +
    (grid[at + width]! * (1 - right) + grid[at + width + 1]! * right) * bottom
  );
}
