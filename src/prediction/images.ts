import { type Fault, LapidaryError } from '../core/errors.js';
import { BlankImageError, normaliseDigit } from '../ml/image.js';
import { type ImageFeature, imageFeatureOf, type Spec } from '../ml/spec.js';
import type { ImageDecoder, Preparer, Preparing } from './port.js';

/** Pixels of all images of a request: eight of the largest, or a thousand of 350 x 350. */
const MOST_PIXELS = 128_000_000;
/** Number of faults after which decoding stops. */
const MOST_FAULTS = 10;

/**
 * Replaces images, as bytes or as base64 in JSON, by their pixels. An image is a PNG or JPEG of any size, or its pixels, a
 * byte each.
 */
export class ImagePreparer implements Preparer {
  constructor(private readonly decoder: ImageDecoder) {}

  needs(spec: Pick<Spec, 'features'>): boolean {
    return imageFeatureOf(spec) !== undefined;
  }

  /**
   * Decodes the images of instances.
   * @throws LapidaryError `invalid_instances` naming the first invalid images; `payload_too_large` when the images
   *   together have too many pixels
   */
  async prepare(instances: readonly unknown[], { spec, ended }: Preparing): Promise<unknown[]> {
    const feature = imageFeatureOf(spec)!;
    const { name: field } = feature;
    const images = new RequestImages(this.decoder, feature);
    const faults: Fault[] = [];
    const prepared: unknown[] = [];
    for (const [index, instance] of instances.entries()) {
      const bytes = bytesOf((Object(instance) as Record<string, unknown>)[field]);
      if (bytes === undefined) {
        prepared.push(instance);
        continue;
      }
      const end = ended?.();
      if (end) throw end;
      try {
        prepared.push({ ...(instance as object), [field]: await images.decode(bytes) });
      } catch (error) {
        if (!isFault(error)) throw error;
        faults.push({ instance: index, field, code: 'invalid_image', message: error.message });
        if (faults.length >= MOST_FAULTS) break;
      }
    }
    const [first] = faults;
    if (!first) return prepared;
    const detail = `instance ${first.instance}, field ${first.field}: ${first.message}`;
    throw new LapidaryError('invalid_instances', detail, faults);
  }
}

function isFault(error: unknown): error is Error {
  return (
    error instanceof BlankImageError ||
    (error instanceof LapidaryError && error.code === 'invalid_image')
  );
}

/** The images of one request. */
class RequestImages {
  private pixels = 0;

  constructor(
    private readonly decoder: ImageDecoder,
    private readonly feature: ImageFeature,
  ) {}

  /** @throws BlankImageError, LapidaryError */
  async decode(bytes: Uint8Array): Promise<Uint8Array> {
    const { width, height } = this.feature;
    if (bytes.length === width * height && !isEncoded(bytes)) return bytes;
    try {
      return await this.normalised(bytes, 'white');
    } catch (error) {
      if (!(error instanceof BlankImageError)) throw error;
      // White ink on a transparent background is visible on black only.
      return this.normalised(bytes, 'black');
    }
  }

  private async normalised(bytes: Uint8Array, background: 'white' | 'black'): Promise<Uint8Array> {
    const onPixels = (pixels: number) => this.take(pixels);
    const image = await this.decoder.decode(bytes, { background, onPixels });
    return normaliseDigit(image, this.feature.width).pixels;
  }

  private take(pixels: number): void {
    this.pixels += pixels;
    if (this.pixels <= MOST_PIXELS) return;
    const detail = `the images together have more than ${MOST_PIXELS / 1_000_000} megapixels: send fewer or smaller images in a request`;
    throw new LapidaryError('payload_too_large', detail);
  }
}

function bytesOf(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  if (typeof value !== 'string') return undefined;
  return Buffer.from(value.replace(/^data:[^,]*,/, ''), 'base64');
}

/** Decides whether bytes begin as a PNG or JPEG, whose length may equal the number of pixels. */
function isEncoded(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.subarray(0, 8)).toString('latin1');
  return head === '\x89PNG\r\n\x1a\n' || head.startsWith('\xff\xd8\xff');
}
