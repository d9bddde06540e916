import { createRequire } from 'node:module';
import type { SharpConstructor, SharpOptions } from 'sharp';
import { LapidaryError } from '../../core/errors.js';
import type { GreyImage } from '../../ml/image.js';
import type { DecodeOptions, ImageDecoder } from '../../prediction/port.js';

const MEGA = 1_000_000;
const MOST_BYTES = 5 * MEGA;
const MOST_PIXELS = 16 * MEGA;
/** The longer side of what comes out: more detail than any model of small images uses. */
const LONGEST_SIDE = 512;

const ALLOWED = 'send one PNG or JPEG of at most 5 MB and 16 megapixels';
const OPTIONS: SharpOptions = {
  limitInputPixels: MOST_PIXELS,
  failOn: 'error',
  sequentialRead: true,
};
const SIGNATURES = {
  png: Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
  jpeg: Buffer.from('\xff\xd8\xff', 'latin1'),
};
/** What a PNG's chunk has beside its data: length, type and checksum. */
const CHUNK_FRAME = 12;
const TEXTS = new Set(['tEXt', 'zTXt', 'iTXt']);

/** Decodes PNG and JPEG with libvips, which is loaded with the first image. */
export class SharpImageDecoder implements ImageDecoder {
  async decode(
    bytes: Uint8Array,
    { background = 'white', onPixels }: DecodeOptions = {},
  ): Promise<GreyImage> {
    const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (file.length > MOST_BYTES) throw refusal(`it has ${file.length} bytes`);
    const format = formatOf(file);
    const image = format === 'png' ? onlyTheImage(file) : file;
    const sharp = await loadSharp();
    try {
      const metadata = await sharp(image, OPTIONS).metadata();
      if (metadata.format !== format || (metadata.pages ?? 1) > 1) {
        throw refusal('it is not what it begins like');
      }
      onPixels?.(metadata.width * metadata.height);
      const { data, info } = await sharp(image, OPTIONS)
        .autoOrient()
        .flatten({ background })
        .resize({
          width: LONGEST_SIDE,
          height: LONGEST_SIDE,
          fit: 'inside',
          withoutEnlargement: true,
        })
        .toColourspace('b-w')
        .raw({ depth: 'uchar' })
        .toBuffer({ resolveWithObject: true });
      const pixels = new Uint8Array(data.buffer, data.byteOffset, data.length);
      return { width: info.width, height: info.height, pixels };
    } catch (error) {
      if (error instanceof LapidaryError) throw error;
      const tooLarge = /pixel limit/.test((error as Error).message);
      throw refusal(tooLarge ? 'it has too many pixels' : 'it is damaged', error);
    }
  }
}

function formatOf(file: Buffer): 'png' | 'jpeg' {
  if (startsWith(file, SIGNATURES.png)) return 'png';
  if (startsWith(file, SIGNATURES.jpeg)) return 'jpeg';
  throw refusal(file.length === 0 ? 'it is empty' : 'it is neither');
}

const startsWith = (file: Buffer, signature: Buffer): boolean =>
  file.subarray(0, signature.length).equals(signature);

/**
 * A PNG without its texts, which can be compressed a thousandfold and would all be unpacked.
 * @throws LapidaryError when it is animated: libvips would show its first frame
 */
function onlyTheImage(png: Buffer): Buffer {
  let start = SIGNATURES.png.length;
  const kept = [png.subarray(0, start)];
  while (start + CHUNK_FRAME <= png.length) {
    const end = start + CHUNK_FRAME + png.readUInt32BE(start);
    const type = png.toString('latin1', start + 4, start + 8);
    if (type === 'acTL') throw refusal('it is animated');
    if (!TEXTS.has(type)) kept.push(png.subarray(start, end));
    start = end;
  }
  return Buffer.concat(kept);
}

const refusal = (what: string, cause?: unknown): LapidaryError =>
  new LapidaryError('invalid_image', `the image cannot be taken: ${what}; ${ALLOWED}`, [], {
    cause,
  });

let loaded: Promise<SharpConstructor> | undefined;

/** One thread and no cache, as fits small images and a Lambda; loaders of other formats are shut. */
function loadSharp(): Promise<SharpConstructor> {
  loaded ??= importSharp().then((sharp) => {
    sharp.concurrency(1);
    sharp.cache(false);
    sharp.block({ operation: ['VipsForeignLoad'] });
    sharp.unblock({ operation: ['VipsForeignLoadPngBuffer', 'VipsForeignLoadJpegBuffer'] });
    return sharp;
  });
  loaded.catch(() => {
    loaded = undefined;
  });
  return loaded;
}

/** The package is optional: some platforms have no binaries of it. */
async function importSharp(): Promise<SharpConstructor> {
  try {
    // Unlike an import, this can be tried again after it failed once, as for want of a file descriptor.
    return createRequire(import.meta.url)('sharp') as SharpConstructor;
  } catch (error) {
    const detail = 'PNG and JPEG need the package sharp, which does not load: npm install sharp';
    throw new LapidaryError('not_ready', detail, [], { cause: error });
  }
}
