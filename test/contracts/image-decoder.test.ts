import { describe, expect, it, test } from '@jest/globals';
import { build } from 'esbuild';
import sharp from 'sharp';
import { SharpImageDecoder } from '../../src/adapters/local/image-decoder.js';
import { chunk, compressedZeros, pngOf } from '../support/png.js';

const decoder = new SharpImageDecoder();
const raw = (pixels: readonly number[], width: number, channels: 1 | 3 = 1) =>
  sharp(Uint8Array.from(pixels), {
    raw: { width, height: pixels.length / width / channels, channels },
  });
/** Returns a smooth gradient, which JPEG keeps well. */
const photo = (width: number, height: number) =>
  raw(
    Array.from({ length: width * height * 3 }, (_, i) => (i * 255) / (width * height * 3)),
    width,
    3,
  );
const refused = async (bytes: Uint8Array, why: string) => {
  const allowed = 'send one PNG or JPEG of at most 5 MB and 16 megapixels';
  await expect(decoder.decode(bytes)).rejects.toMatchObject({
    name: 'LapidaryError',
    code: 'invalid_image',
    status: 422,
    message: `invalid image: ${why}; ${allowed}`,
  });
};

describe('an image is decoded', () => {
  it('from PNG without loss', async () => {
    const image = { width: 3, height: 2, pixels: Uint8Array.of(0, 1, 2, 253, 254, 255) };
    expect(
      await decoder.decode(
        await raw([...image.pixels], 3)
          .png()
          .toBuffer(),
      ),
    ).toEqual(image);
  });

  it('from JPEG, plain and progressive', async () => {
    for (const progressive of [false, true]) {
      const { width, height, pixels } = await decoder.decode(
        await photo(40, 30).jpeg({ progressive }).toBuffer(),
      );
      expect([width, height, pixels.length]).toEqual([40, 30, 1200]);
      pixels.forEach((shade, i) => {
        expect(Math.abs(shade - (i * 255) / 1200)).toBeLessThan(8);
      });
    }
  });

  it('from a part of a larger buffer', async () => {
    const png = await raw([7, 8], 2).png().toBuffer();
    const larger = new Uint8Array(png.length + 20).fill(1);
    larger.set(png, 9);
    const { pixels } = await decoder.decode(larger.subarray(9, 9 + png.length));
    expect([...pixels]).toEqual([7, 8]);
  });

  it('in grey by the perceived brightness of its colours', async () => {
    const { pixels } = await decoder.decode(
      await raw([255, 255, 0, 0, 0, 255, 9, 9, 9], 3, 3).png().toBuffer(),
    );
    expect(pixels).toHaveLength(3);
    expect(pixels[0]).toBeGreaterThan(200);
    expect(pixels[1]).toBeLessThan(100);
    expect(pixels[2]).toBe(9);
  });

  it('on white where it is transparent', async () => {
    const png = pngOf({
      width: 3,
      height: 1,
      depth: 8,
      colour: 'greyAlpha',
      rows: [[0, 255, 0, 0, 0, 128]],
    });
    expect([...(await decoder.decode(png)).pixels]).toEqual([0, 255, 127]);
  });

  it('from 16 bits, with and without alpha', async () => {
    const grey = pngOf({
      width: 3,
      height: 1,
      depth: 16,
      colour: 'grey',
      rows: [[0, 0, 0x80, 0x80, 0xff, 0xff]],
    });
    expect([...(await decoder.decode(grey)).pixels]).toEqual([0, 128, 255]);
    const pixel = (shade: number, alpha: number) =>
      [shade, shade, shade, alpha].flatMap((byte) => [byte, byte]);
    const rgba = pngOf({
      width: 3,
      height: 1,
      depth: 16,
      colour: 'rgba',
      rows: [[...pixel(0, 255), ...pixel(0, 128), ...pixel(99, 0)]],
    });
    // libvips' white has 65280 of the 65535 shades.
    expect([...(await decoder.decode(rgba)).pixels]).toEqual([0, 127, 254]);
  });

  it('from a palette, of which a colour may be transparent', async () => {
    const colours = chunk('PLTE', Uint8Array.of(10, 10, 10, 200, 200, 200));
    const png = { width: 2, height: 1, depth: 1, colour: 'palette', rows: [[0b01000000]] } as const;
    const opaque = await decoder.decode(pngOf({ ...png, chunks: [colours] }));
    expect([...opaque.pixels]).toEqual([10, 200]);
    const clear = await decoder.decode(
      pngOf({ ...png, chunks: [colours, chunk('tRNS', Uint8Array.of(0))] }),
    );
    expect([...clear.pixels]).toEqual([255, 200]);
  });

  test.each([
    [1, 16, 48, 'top'],
    [2, 16, 48, 'top'],
    [3, 16, 48, 'bottom'],
    [4, 16, 48, 'bottom'],
    [5, 48, 16, 'left'],
    [6, 48, 16, 'right'],
    [7, 48, 16, 'right'],
    [8, 48, 16, 'left'],
  ])('upright with EXIF orientation %i', async (orientation, wide, high, darkSide) => {
    const darkOnTop = Array.from({ length: 16 * 48 }, (_, i) => (i < 16 * 16 ? 0 : 255));
    const jpeg = await raw(darkOnTop, 16).withMetadata({ orientation }).jpeg().toBuffer();
    const { width, height, pixels } = await decoder.decode(jpeg);
    expect([width, height]).toEqual([wide, high]);
    const at = (x: number, y: number) => (pixels[y * width + x]! < 128 ? 'dark' : 'bright');
    const sides = {
      top: at(width >> 1, 2),
      bottom: at(width >> 1, height - 3),
      left: at(2, height >> 1),
      right: at(width - 3, height >> 1),
    };
    expect(Object.entries(sides).filter(([, shade]) => shade === 'dark')).toEqual([
      [darkSide, 'dark'],
    ]);
  });

  it('scaled down when it is large, with its proportions', async () => {
    const { width, height } = await decoder.decode(await photo(1024, 256).jpeg().toBuffer());
    expect([width, height]).toEqual([512, 128]);
  });
});

describe('an image is refused', () => {
  it('when it is not an image, or of another format', async () => {
    await refused(new Uint8Array(0), 'it is empty');
    for (const text of ['hello', '<svg xmlns="http://www.w3.org/2000/svg"/>', '\x89PN', '\xff\xd8'])
      await refused(Buffer.from(text, 'latin1'), 'it is neither PNG nor JPEG');
    for (const format of ['gif', 'webp', 'tiff'] as const)
      await refused(await photo(8, 8).toFormat(format).toBuffer(), 'it is neither PNG nor JPEG');
  });

  it('when it is another format behind the right first bytes', async () => {
    const gif = await photo(8, 8).gif().toBuffer();
    await refused(
      Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), gif]),
      'it is damaged',
    );
    await refused(Buffer.concat([Buffer.from('\xff\xd8\xff', 'latin1'), gif]), 'it is damaged');
  });

  test.each([0.05, 0.3, 0.6, 0.9])('when only %f of it is there', async (share) => {
    for (const format of ['png', 'jpeg'] as const) {
      const whole = await photo(100, 80).toFormat(format).toBuffer();
      await refused(whole.subarray(0, whole.length * share), 'it is damaged');
    }
  });

  it('when a byte of it flipped', async () => {
    const png = await photo(100, 80).png().toBuffer();
    png[png.length >> 1]! ^= 255;
    await refused(png, 'it is damaged');
  });

  it('when it is animated', async () => {
    const frames = chunk('acTL', Uint8Array.of(0, 0, 0, 2, 0, 0, 0, 0));
    const png = pngOf({
      width: 1,
      height: 1,
      depth: 8,
      colour: 'grey',
      rows: [[0]],
      chunks: [frames],
    });
    await refused(png, 'it is animated');
  });

  it('when it has too many bytes', async () => {
    const png = await raw([7], 1).png().toBuffer();
    const padded = Buffer.concat([png, Buffer.alloc(5_000_001 - png.length)]);
    await refused(padded, 'it has 5000001 bytes');
  });

  it('when it has too many pixels, but not at the limit', async () => {
    const most = { width: 4000, height: 4000, depth: 1, colour: 'grey' } as const;
    const rows = await compressedZeros(4001 * 501);
    expect((await decoder.decode(pngOf({ ...most, rows }))).width).toBe(512);
    await refused(pngOf({ ...most, height: 4001, rows }), 'it has too many pixels');
  });
});

describe('a bomb', () => {
  it('of pixels is refused before it is decoded', async () => {
    const rows = await compressedZeros(30_000 * 30_001);
    const bomb = pngOf({ width: 30_000, height: 30_000, depth: 8, colour: 'grey', rows });
    expect(bomb.length).toBeLessThan(1e6);
    const peak = () => process.resourceUsage().maxRSS * 1024;
    const before = peak();
    await refused(bomb, 'it has too many pixels');
    expect(peak() - before).toBeLessThan(50e6);
  });

  it('of texts is not unpacked', async () => {
    const start = Buffer.from('Comment\0\x01\0\0\0', 'latin1');
    const text = chunk('iTXt', Buffer.concat([start, await compressedZeros(40_000_000)]));
    const chunks = Array.from({ length: 100 }, () => text);
    const bomb = pngOf({ width: 1, height: 1, depth: 8, colour: 'grey', rows: [[77]], chunks });
    // Unpacked, the texts have 4 GB: that would take longer than a test may.
    expect([...(await decoder.decode(bomb)).pixels]).toEqual([77]);
  });
});

test('sharp is not loaded before the first image', async () => {
  const { metafile } = await build({
    entryPoints: ['src/adapters/local/image-decoder.ts'],
    bundle: true,
    platform: 'node',
    external: ['sharp'],
    metafile: true,
    write: false,
  });
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  expect(imports.filter(({ path }) => path === 'sharp')).toEqual([]);
});
