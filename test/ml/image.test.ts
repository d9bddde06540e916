import { describe, expect, it, test } from '@jest/globals';
import fc from 'fast-check';
import { BlankImageError, type GreyImage, normaliseDigit } from '../../src/ml/image.js';

/** An image of one shade with rectangles on it, each given by left, top, width, height and shade. */
function drawn(
  width: number,
  height: number,
  paper: number,
  ...rectangles: readonly (readonly [number, number, number, number, number])[]
): GreyImage {
  const pixels = new Uint8Array(width * height).fill(paper);
  for (const [left, top, wide, high, shade] of rectangles) {
    for (let y = top; y < top + high; y++) {
      pixels.fill(shade, y * width + left, y * width + left + wide);
    }
  }
  return { width, height, pixels };
}

const inverted = ({ width, height, pixels }: GreyImage): GreyImage => ({
  width,
  height,
  pixels: pixels.map((shade) => 255 - shade),
});

/** Where there is ink: the box and its centre of mass, in pixels. */
function inkOf({ width, pixels }: GreyImage) {
  const inked = [...pixels].flatMap((strength, i) =>
    strength > 0 ? [{ strength, x: i % width, y: Math.floor(i / width) }] : [],
  );
  const mass = inked.reduce((sum, { strength }) => sum + strength, 0);
  const [xs, ys] = [inked.map(({ x }) => x), inked.map(({ y }) => y)];
  return {
    left: Math.min(...xs),
    top: Math.min(...ys),
    width: Math.max(...xs) - Math.min(...xs) + 1,
    height: Math.max(...ys) - Math.min(...ys) + 1,
    centre: [
      inked.reduce((sum, { x, strength }) => sum + x * strength, 0) / mass,
      inked.reduce((sum, { y, strength }) => sum + y * strength, 0) / mass,
    ],
  };
}

describe('an image of the right size', () => {
  const digit = drawn(28, 28, 0, [10, 4, 3, 20, 250], [13, 5, 6, 2, 90]);

  it('is taken as it is when it is bright on dark', () => {
    expect(normaliseDigit(digit)).toEqual(digit);
  });

  it('is inverted when it is dark on bright', () => {
    expect(normaliseDigit(inverted(digit))).toEqual(digit);
  });

  it('is never the one given', () => {
    expect(normaliseDigit(digit).pixels).not.toBe(digit.pixels);
  });
});

describe('an image of another size', () => {
  const seven = drawn(200, 150, 255, [60, 20, 60, 12, 0], [108, 32, 12, 88, 0]);

  it('gives the same, dark on bright or bright on dark', () => {
    expect(normaliseDigit(inverted(seven))).toEqual(normaliseDigit(seven));
  });

  it('gives the same with little contrast, on grey paper', () => {
    const pale = { ...seven, pixels: seven.pixels.map((shade) => 90 + (shade === 0 ? 0 : 50)) };
    expect(normaliseDigit(pale)).toEqual(normaliseDigit(seven));
  });

  it('gives the same wherever in it the digit is', () => {
    const moved = drawn(300, 140, 255, [240, 40, 60, 12, 0], [288, 52, 12, 88, 0]);
    expect(normaliseDigit(moved)).toEqual(normaliseDigit(seven));
  });

  it('gives the same at twice the size', () => {
    const twice = drawn(400, 300, 255, [120, 40, 120, 24, 0], [216, 64, 24, 176, 0]);
    expect(normaliseDigit(twice)).toEqual(normaliseDigit(seven));
  });

  it('gives what was drawn, pixel by pixel, when each is drawn as a square', () => {
    const strokes = [
      [8, 4, 9, 2, 200],
      [15, 6, 2, 18, 255],
    ] as const;
    const small = drawn(28, 28, 0, ...strokes);
    const large = drawn(
      280,
      280,
      0,
      ...strokes.map(([x, y, w, h, shade]) => [10 * x, 10 * y, 10 * w, 10 * h, shade] as const),
    );
    const ink = inkOf(small);
    const shift = (at: number) => Math.round(14 - at);
    const [right, down] = [shift(ink.centre[0]!), shift(ink.centre[1]!)];
    const centred = strokes.map(([x, y, ...rest]) => [x + right, y + down, ...rest] as const);
    expect(normaliseDigit(large)).toEqual(drawn(28, 28, 0, ...centred));
  });

  test.each([
    [40, 80, 10, 20],
    [80, 40, 20, 10],
    [50, 50, 20, 20],
    [4, 100, 1, 20],
    [1, 90, 1, 20],
    [3, 6, 10, 20],
  ])('fills the box of 20 with ink of %i x %i, as %i x %i', (wide, high, width, height) => {
    expect(inkOf(normaliseDigit(drawn(120, 130, 255, [7, 9, wide, high, 0])))).toMatchObject({
      width,
      height,
    });
  });

  it('has the centre of mass, not of the box, in the middle', () => {
    // A heavy foot pulls the digit up.
    const ink = inkOf(
      normaliseDigit(drawn(100, 100, 255, [48, 10, 4, 60, 0], [38, 70, 24, 10, 0])),
    );
    expect(ink.top).toBeLessThan(4);
    for (const at of ink.centre) expect(Math.abs(at! - 14)).toBeLessThanOrEqual(0.5);
  });

  it('stays within the frame however uneven its mass', () => {
    const result = normaliseDigit(drawn(240, 240, 255, [20, 20, 200, 2, 0], [20, 200, 200, 20, 0]));
    expect(inkOf(result)).toMatchObject({ top: 0, width: 20, height: 20 });
  });

  it('has soft edges where strokes cover a part of a pixel', () => {
    const { pixels } = normaliseDigit(drawn(100, 100, 255, [40, 10, 5, 50, 0], [45, 40, 8, 5, 0]));
    expect(new Set(pixels).size).toBeGreaterThan(2);
    expect(Math.max(...pixels)).toBe(255);
  });

  it('keeps a thin line as bright as a thick one', () => {
    const { pixels } = normaliseDigit(drawn(400, 400, 255, [200, 50, 2, 300, 0]));
    expect(Math.max(...pixels)).toBe(255);
  });

  it('can be had in other sizes', () => {
    const image = normaliseDigit(seven, 56);
    expect(image).toMatchObject({ width: 56, height: 56 });
    expect(inkOf(image)).toMatchObject({ height: 40 });
  });
});

describe('noise', () => {
  const clean = drawn(100, 100, 240, [40, 20, 8, 50, 10], [40, 62, 25, 8, 10]);

  it('of the paper is not ink, nor does it join specks to it', () => {
    const strokes = [
      [40, 20, 8, 50, 20],
      [40, 62, 25, 8, 20],
      [2, 2, 2, 2, 20],
    ] as const;
    const { pixels } = drawn(100, 100, 230, ...strokes);
    const grain = pixels.map((shade, i) => shade + ((Math.imul(i, 2654435761) >>> 16) % 33) - 16);
    const noisy = normaliseDigit({ ...clean, pixels: grain });
    expect(difference(noisy, normaliseDigit(clean))).toBeLessThan(1.5);
  });

  it('in specks does not widen the box', () => {
    const { pixels } = clean;
    const speckled = { ...clean, pixels: Uint8Array.from(pixels) };
    for (const speck of [203, 9_705, 9_890, 4_495]) speckled.pixels[speck] = 0;
    expect(normaliseDigit(speckled)).toEqual(normaliseDigit(clean));
  });

  it('does not take a stroke that stands apart', () => {
    const five = drawn(100, 100, 255, [30, 40, 8, 40, 0], [42, 20, 30, 6, 0]);
    expect(inkOf(normaliseDigit(five))).toMatchObject({ width: 14, height: 20 });
  });

  it('alone gives some picture and no failure', () => {
    const board = drawn(100, 100, 0);
    board.pixels.forEach((_, i) => {
      if (i % 2 === 0 && Math.floor(i / 100) % 2 === 0) board.pixels[i] = 255;
    });
    expect(normaliseDigit(board).pixels).toHaveLength(784);
  });
});

describe('an image without ink is refused', () => {
  test.each([
    ['black', drawn(28, 28, 0)],
    ['white', drawn(280, 280, 255)],
    ['grey, with invisible shades', drawn(50, 50, 128, [10, 10, 20, 20, 140])],
    ['of one pixel', drawn(1, 1, 7)],
  ])('%s', (_, image) => {
    expect(() => normaliseDigit(image)).toThrow(BlankImageError);
    expect(() => normaliseDigit(image)).toThrow('the image is blank');
  });

  test('and one whose pixels are too few is a mistake', () => {
    const image = { width: 3, height: 2, pixels: new Uint8Array(5) };
    expect(() => normaliseDigit(image)).toThrow('an image of 3 x 2 cannot have 5 pixels');
  });
});

test('any image gives one of the right size or is blank, and that one stays as it is', () => {
  const size = fc.integer({ min: 1, max: 40 });
  const any = fc.property(
    size,
    size,
    fc.uint8Array({ minLength: 9, maxLength: 40 }),
    (w, h, few) => {
      const pixels = Uint8Array.from({ length: w * h }, (_, i) => few[i % few.length]!);
      try {
        const normal = normaliseDigit({ width: w, height: h, pixels });
        expect(normal).toMatchObject({ width: 28, height: 28 });
        expect(normal.pixels).toHaveLength(784);
        if (w !== 28 || h !== 28) expect(Math.max(...normal.pixels)).toBe(255);
      } catch (error) {
        if (!(error instanceof BlankImageError)) throw error;
      }
    },
  );
  fc.assert(any, { seed: 7, numRuns: 500 });
});

function difference(one: GreyImage, other: GreyImage): number {
  const sum = one.pixels.reduce((sum, shade, i) => sum + Math.abs(shade - other.pixels[i]!), 0);
  return sum / one.pixels.length;
}
