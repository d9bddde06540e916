import { createRequire } from 'node:module';
import type { SharpConstructor, SharpOptions } from 'sharp';
import { LapidaryError } from '../../core/errors.js';
import type { GreyImage } from '../../ml/image.js';
import type { DecodeOptions, ImageDecoder } from '../../prediction/port.js';

const MEGA = 1_000_000;
const MOST_BYTES = 5 * MEGA;
const MOST_PIXELS = 16 * MEGA;
/** Longest side of a decoded image: more detail than any model of small images uses. */
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
/** Bytes of a PNG chunk in addition to its data: length, type and checksum. */
const CHUNK_FRAME = 12;
const TEXTS = new Set(['tEXt', 'zTXt', 'iTXt']);

/** Decodes PNG and JPEG with libvips, loaded with the first image. */
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
        throw refusal('its content does not match its first bytes');
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
  throw refusal(file.length === 0 ? 'it is empty' : 'it is neither PNG nor JPEG');
}

const startsWith = (file: Buffer, signature: Buffer): boolean =>
  file.subarray(0, signature.length).equals(signature);

/**
 * Returns a PNG without its text chunks, which can decompress to a thousand times their size.
 * @throws LapidaryError when it is animated: libvips would decode the first frame only
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
  new LapidaryError('invalid_image', `invalid image: ${what}; ${ALLOWED}`, [], {
    cause,
  });

let loaded: Promise<SharpConstructor> | undefined;

/** Loads libvips with one thread, no cache and no loaders of other formats. */
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

/** Loads sharp, which is optional: some platforms have no binaries. */
async function importSharp(): Promise<SharpConstructor> {
  try {
    // Unlike an import, a failed require can be retried, as after a lack of file descriptors.
    return createRequire(import.meta.url)('sharp') as SharpConstructor;
  } catch (error) {
    const detail = 'PNG and JPEG need the package sharp, which cannot be loaded: npm install sharp';
    throw new LapidaryError('not_ready', detail, [], { cause: error });
  }
}
