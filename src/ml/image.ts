/** A grey image, row by row from the top left; 0 is black, 255 white. */
export interface GreyImage {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** Thrown for an image without ink: all shades are nearly the same. */
export class BlankImageError extends Error {
  override readonly name = 'BlankImageError';

  constructor() {
    super('the image is blank: nothing in it differs from its border');
  }
}

/** Minimum difference between ink and background. */
const LEAST_CONTRAST = 32;
/** Share of the pixels to ignore in finding the darkest and the brightest shade. */
const OUTLIERS = 0.0005;
/** Minimum strength of ink in a stroke, except in its soft edge. */
const STROKE = 0.2 * 255;
/** Minimum strength of ink. */
const FAINTEST = 0.04 * 255;
/** Minimum ink of a patch, as a share of the largest patch; less is a speck of dust. */
const SPECK = 0.02;

/**
 * Normalises the image of a digit as MNIST did: bright ink on black, scaled with its proportions to fit a box of 20 by
 * 20, and centred by mass in 28 by 28. In an image of this size only the brightness is normalised.
 * @param size width and height of the result; the box scales with it
 * @throws BlankImageError if the image has no ink
 */
export function normaliseDigit(image: GreyImage, size = 28): GreyImage {
  const { width, height, pixels } = image;
  if (width < 1 || height < 1 || pixels.length !== width * height) {
    throw new RangeError(`an image of ${width} x ${height} cannot have ${pixels.length} pixels`);
  }
  const shades = shadesOf(image);
  if (Math.abs(shades.ink - shades.paper) < LEAST_CONTRAST) throw new BlankImageError();
  if (width === size && height === size) {
    const upright = shades.ink > shades.paper;
    return { width, height, pixels: pixels.map((shade) => (upright ? shade : 255 - shade)) };
  }
  const ink = withoutNoise({ width, height, pixels: inkOf(pixels, shades) });
  return centred(scaledToFit(cropped(ink), Math.round((size * 20) / 28)), size);
}

/** The shade of the background, taken from the border, and the one that differs most from it. */
interface Shades {
  paper: number;
  ink: number;
}

function shadesOf({ width, height, pixels }: GreyImage): Shades {
  const all = new Uint32Array(256);
  const border = new Uint32Array(256);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      all[pixels[i]!]!++;
      if (x === 0 || y === 0 || x === width - 1 || y === height - 1) border[pixels[i]!]!++;
    }
  }
  const paper = quantile(border, 0.5);
  const darkest = quantile(all, OUTLIERS);
  const brightest = quantile(all, 1 - OUTLIERS);
  return { paper, ink: paper - darkest > brightest - paper ? darkest : brightest };
}

/** Returns the shade that a share of the pixels does not exceed. */
function quantile(histogram: Uint32Array, share: number): number {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  const rank = Math.floor(share * (total - 1));
  let shade = 0;
  for (let seen = histogram[0]!; seen <= rank; seen += histogram[shade]!) shade++;
  return shade;
}

/** Computes the strength of the ink in each pixel, from 0 to 255. */
function inkOf(pixels: Uint8Array, { paper, ink }: Shades): Uint8Array {
  const strengths = Uint8ClampedArray.from(
    { length: 256 },
    (_, shade) => (255 * (shade - paper)) / (ink - paper),
  );
  const result = new Uint8Array(pixels.length);
  for (let i = 0; i < pixels.length; i++) result[i] = strengths[pixels[i]!]!;
  return result;
}

/** Removes noise: keeps patches of ink with their soft edges, except specks. */
function withoutNoise({ width, height, pixels }: GreyImage): GreyImage {
  const patches = patchesOf({ width, height, pixels });
  const greatest = patches.masses.reduce((most, mass) => Math.max(most, mass));
  const kept = new Uint8Array(pixels.length);
  for (let i = 0; i < pixels.length; i++) {
    if (patches.masses[patches.of[i]!]! >= SPECK * greatest) kept[i] = pixels[i]!;
  }
  return { width, height, pixels: kept };
}

/** The patch of ink of each pixel, 0 for none, and the amount of ink in each patch. */
interface Patches {
  of: Uint32Array;
  masses: number[];
}

/** Finds patches: connected strokes, with the pixels around them as far as the ink fades. */
function patchesOf({ width, height, pixels }: GreyImage): Patches {
  const of = new Uint32Array(pixels.length);
  const masses = [0];
  const open: number[] = [];
  for (let start = 0; start < pixels.length; start++) {
    if (of[start] !== 0 || pixels[start]! < STROKE) continue;
    const patch = masses.length;
    let mass = 0;
    of[start] = patch;
    open.push(start);
    for (let i = open.pop(); i !== undefined; i = open.pop()) {
      const strength = pixels[i]!;
      mass += strength;
      const x = i % width;
      const y = (i - x) / width;
      for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
        for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
          const next = v * width + u;
          const other = pixels[next]!;
          if (of[next] !== 0 || other < FAINTEST) continue;
          if (other < STROKE && other > strength) continue;
          of[next] = patch;
          open.push(next);
        }
      }
    }
    masses.push(mass);
  }
  return { of, masses };
}

/** Returns the part of the image with strokes. */
function cropped({ width, height, pixels }: GreyImage): GreyImage {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (pixels[i]! < STROKE) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = y;
    }
  }
  const size = { width: right - left + 1, height: bottom - top + 1 };
  const inside = new Uint8Array(size.width * size.height);
  for (let y = 0; y < size.height; y++) {
    const start = (top + y) * width + left;
    inside.set(pixels.subarray(start, start + size.width), y * size.width);
  }
  return { ...size, pixels: inside };
}

/** Scales an image so that its longer side is `side`. */
function scaledToFit({ width, height, pixels }: GreyImage, side: number): GreyImage {
  const scale = side / Math.max(width, height);
  const columns = Math.max(1, Math.round(width * scale));
  const rows = Math.max(1, Math.round(height * scale));
  const narrowed = scaledRows(pixels, width, height, columns);
  const scaled = scaledRows(transposed(narrowed, columns, height), height, columns, rows);
  return { width: columns, height: rows, pixels: brightened(transposed(scaled, rows, columns)) };
}

/** Makes the strongest ink white, since thin lines fade when they are scaled down. */
function brightened(strengths: Float64Array): Uint8Array {
  const strongest = strengths.reduce((most, strength) => Math.max(most, strength));
  return Uint8Array.from(strengths, (strength) => Math.round((strength * 255) / strongest));
}

/** Scales each row to `columns`: each new pixel is the mean of the range that it covers. */
function scaledRows(
  pixels: ArrayLike<number>,
  width: number,
  height: number,
  columns: number,
): Float64Array {
  const scaled = new Float64Array(columns * height);
  const step = width / columns;
  for (let x = 0; x < columns; x++) {
    const from = x * step;
    const to = (x + 1) * step;
    const last = Math.min(width, Math.ceil(to - 1e-9));
    for (let source = Math.floor(from + 1e-9); source < last; source++) {
      const share = (Math.min(to, source + 1) - Math.max(from, source)) / step;
      for (let y = 0; y < height; y++) {
        scaled[y * columns + x]! += share * pixels[y * width + source]!;
      }
    }
  }
  return scaled;
}

function transposed(pixels: Float64Array, width: number, height: number): Float64Array {
  const result = new Float64Array(pixels.length);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) result[x * height + y] = pixels[i]!;
  }
  return result;
}

/** Puts an image on black, with its centre of mass in the pixel right and below of the middle, as in MNIST. */
function centred({ width, height, pixels }: GreyImage, size: number): GreyImage {
  let [mass, across, down] = [0, 0, 0];
  pixels.forEach((strength, i) => {
    mass += strength;
    across += strength * (i % width);
    down += strength * Math.floor(i / width);
  });
  const offset = (moment: number, length: number): number =>
    Math.min(size - length, Math.max(0, Math.round(size / 2 - moment / mass)));
  const left = offset(across, width);
  const top = offset(down, height);
  const laid = new Uint8Array(size * size);
  for (let y = 0; y < height; y++) {
    laid.set(pixels.subarray(y * width, (y + 1) * width), (top + y) * size + left);
  }
  return { width: size, height: size, pixels: laid };
}
