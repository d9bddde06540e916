import { type Fault, LapidaryError } from '../core/errors.js';
import { BlankImageError, normaliseDigit } from '../ml/image.js';
import type { ImageFeature, Spec } from '../ml/spec.js';
import type { ImageDecoder } from './port.js';

/** The image feature of a spec, if it has one. */
export function imageFeatureOf(spec: Spec): ImageFeature | undefined {
  return spec.features.find((feature): feature is ImageFeature => feature.kind === 'image');
}

/** Whether an instance is nothing but an image. */
export function isImageModel(spec: Spec): boolean {
  return spec.features.length === 1 && imageFeatureOf(spec) !== undefined;
}

/**
 * Puts pixels in the place of images that came as bytes: as base64 in JSON, or as they are. They are a
 * PNG or JPEG of any size, or the pixels themselves, a byte each.
 * @throws LapidaryError `invalid_instances` naming every image that is none
 */
export async function decodeImages(
  decoder: ImageDecoder,
  feature: ImageFeature,
  instances: readonly unknown[],
): Promise<unknown[]> {
  const faults: Fault[] = [];
  const decoded: unknown[] = [];
  for (const [index, instance] of instances.entries()) {
    const bytes = bytesOf((Object(instance) as Record<string, unknown>)[feature.name]);
    try {
      decoded.push(
        bytes
          ? { ...(instance as object), [feature.name]: await decode(decoder, feature, bytes) }
          : instance,
      );
    } catch (error) {
      const known = error instanceof BlankImageError || error instanceof LapidaryError;
      if (!known) throw error;
      const { name: field } = feature;
      faults.push({ instance: index, field, code: 'invalid_image', message: error.message });
    }
  }
  const [first] = faults;
  if (first) {
    const detail = `instance ${first.instance}, field ${first.field}: ${first.message}`;
    throw new LapidaryError('invalid_instances', detail, faults);
  }
  return decoded;
}

function bytesOf(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  if (typeof value !== 'string') return undefined;
  return Buffer.from(value.replace(/^data:[^,]*,/, ''), 'base64');
}

async function decode(
  decoder: ImageDecoder,
  { width, height }: ImageFeature,
  bytes: Uint8Array,
): Promise<Uint8Array> {
  if (bytes.length === width * height && !isEncoded(bytes)) return bytes;
  return normaliseDigit(await decoder.decode(bytes), width).pixels;
}

/** Whether bytes begin as a PNG or JPEG does: one may have as many bytes as the image has pixels. */
function isEncoded(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.subarray(0, 8)).toString('latin1');
  return head === '\x89PNG\r\n\x1a\n' || head.startsWith('\xff\xd8\xff');
}
