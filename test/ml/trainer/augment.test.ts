import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { seededRandom } from '../../../src/ml/random.js';
import { ImageAugmenter } from '../../../src/ml/trainer/augment.js';

const NOTHING = { shift: 0, rotate: 0, scale: 0, shear: 0, elastic: 0 };
const SOME = { shift: 2, rotate: 15, scale: 0.1, shear: 0.1, elastic: 0.5 };
type Amounts = typeof SOME;

/** Images of random pixels, each behind some other inputs. */
function rowsOf(count: number, width: number, height: number, others: number, seed: number) {
  const random = seededRandom(seed);
  return Float32Array.from({ length: count * (others + width * height) }, random);
}

function augmented(
  rows: Float32Array,
  [width, height]: readonly [number, number],
  amounts: Partial<Amounts>,
  { others = 0, seed = 1 } = {},
): Float32Array {
  const inputs = rows.slice();
  const pixels = { feature: 'image', width, height };
  const augmenter = new ImageAugmenter(pixels, { ...NOTHING, ...amounts }, seededRandom(seed));
  augmenter.apply(inputs, others + width * height);
  return inputs;
}

const side = fc.integer({ min: 1, max: 30 });
const amounts: fc.Arbitrary<Amounts> = fc.record({
  shift: fc.double({ min: 0, max: 40, noNaN: true }),
  rotate: fc.double({ min: 0, max: 180, noNaN: true }),
  scale: fc.double({ min: 0, max: 0.5, noNaN: true }),
  shear: fc.double({ min: 0, max: 1, noNaN: true }),
  elastic: fc.double({ min: 0, max: 5, noNaN: true }),
});

describe('an augmenter', () => {
  it('of no amounts leaves images as they are', () => {
    fc.assert(
      fc.property(side, side, fc.nat(), (width, height, seed) => {
        const rows = rowsOf(3, width, height, 2, seed);
        const { shift, rotate, scale } = NOTHING;
        for (const nothing of [NOTHING, { shift, rotate, scale }])
          expect(augmented(rows, [width, height], nothing, { others: 2, seed })).toEqual(rows);
      }),
      { seed: 1, numRuns: 50 },
    );
  });

  it('keeps pixels from 0 to 1, and the inputs before them', () => {
    fc.assert(
      fc.property(side, side, amounts, fc.nat(), (width, height, some, seed) => {
        const rows = rowsOf(3, width, height, 2, seed);
        const varied = augmented(rows, [width, height], some, { others: 2, seed });
        const record = 2 + width * height;
        for (let at = 0; at < rows.length; at += record) {
          expect(varied.subarray(at, at + 2)).toEqual(rows.subarray(at, at + 2));
          const pixels = varied.subarray(at + 2, at + record);
          expect(pixels.every((pixel) => pixel >= 0 && pixel <= 1)).toBe(true);
        }
      }),
      { seed: 2, numRuns: 100 },
    );
  });

  it('varies each image otherwise, the same from the same random numbers', () => {
    const image = rowsOf(1, 12, 12, 0, 5);
    const rows = Float32Array.from([...image, ...image, ...image]);
    const varied = augmented(rows, [12, 12], SOME, { seed: 8 });
    const images = [0, 1, 2].map((i) => varied.subarray(i * 144, (i + 1) * 144).join());
    expect(new Set([...images, image.join()]).size).toBe(4);
    expect(augmented(rows, [12, 12], SOME, { seed: 8 })).toEqual(varied);
    expect(augmented(rows, [12, 12], SOME, { seed: 9 })).not.toEqual(varied);
  });

  it.each(Object.keys(SOME) as (keyof Amounts)[])('heeds the amount of %s', (name) => {
    const rows = rowsOf(1, 12, 12, 0, 5);
    const varied = augmented(rows, [12, 12], { [name]: SOME[name] });
    expect(varied).not.toEqual(rows);
    const more = augmented(rows, [12, 12], { [name]: 2 * SOME[name] });
    expect(more).not.toEqual(varied);
  });

  it('fills with darkness what comes in from outside', () => {
    const rows = new Float32Array(10 * 100).fill(1);
    const varied = augmented(rows, [10, 10], { shift: 9, elastic: 0 });
    expect(Math.min(...varied)).toBe(0);
    const inked = varied.filter((pixel) => pixel > 0).length;
    expect(inked).toBeGreaterThan(100);
    expect(inked).toBeLessThan(900);
  });

  it('keeps the middle of an image when it turns and scales it', () => {
    const rows = new Float32Array(11 * 11);
    rows[60] = 1;
    const varied = augmented(rows, [11, 11], { rotate: 180, scale: 0.2, shear: 0.2 });
    expect(varied[60]).toBeCloseTo(1, 5);
  });
});
