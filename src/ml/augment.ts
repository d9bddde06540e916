import type { PixelInput } from './encoding/encoder.js';
import type { Hyperparameters } from './spec.js';

type Augmentation = NonNullable<Hyperparameters['augmentation']>;

/**
 * Shifts, turns and scales the images of a batch, each by its own random amounts, in place.
 * @param inputs encoded rows `[rows * width]`, whose pixels come last
 */
export function augmentImages(
  inputs: Float32Array,
  width: number,
  pixels: PixelInput,
  augmentation: Augmentation,
  random: () => number,
): void {
  const size = pixels.width * pixels.height;
  const image = new Float32Array(size);
  const within = (most: number) => (2 * random() - 1) * most;
  for (let end = width; end <= inputs.length; end += width) {
    const row = inputs.subarray(end - size, end);
    image.set(row);
    const angle = (within(augmentation.rotate) * Math.PI) / 180;
    const scale = 1 / (1 + within(augmentation.scale));
    transform(image, row, pixels, {
      cosine: Math.cos(angle) * scale,
      sine: Math.sin(angle) * scale,
      shiftX: within(augmentation.shift),
      shiftY: within(augmentation.shift),
    });
  }
}

interface Transform {
  cosine: number;
  sine: number;
  shiftX: number;
  shiftY: number;
}

/** Each pixel is what lay where it comes from, interpolated between the four nearest; dark from outside. */
function transform(
  from: Float32Array,
  to: Float32Array,
  { width, height }: PixelInput,
  { cosine, sine, shiftX, shiftY }: Transform,
): void {
  const [middleX, middleY] = [(width - 1) / 2, (height - 1) / 2];
  const at = (x: number, y: number) =>
    x < 0 || y < 0 || x >= width || y >= height ? 0 : from[y * width + x]!;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [dx, dy] = [x - middleX - shiftX, y - middleY - shiftY];
      const sourceX = middleX + cosine * dx + sine * dy;
      const sourceY = middleY - sine * dx + cosine * dy;
      const [left, top] = [Math.floor(sourceX), Math.floor(sourceY)];
      const [right, bottom] = [sourceX - left, sourceY - top];
      to[y * width + x] =
        (at(left, top) * (1 - right) + at(left + 1, top) * right) * (1 - bottom) +
        (at(left, top + 1) * (1 - right) + at(left + 1, top + 1) * right) * bottom;
    }
  }
}
