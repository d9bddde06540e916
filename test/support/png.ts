import { crc32, createDeflate, deflateSync } from 'node:zlib';

/** The kinds of pixels of a PNG, by the number in its header. */
export const COLOUR = { grey: 0, rgb: 2, palette: 3, greyAlpha: 4, rgba: 6 } as const;

export interface Png {
  width: number;
  height: number;
  depth: 1 | 8 | 16;
  colour: keyof typeof COLOUR;
  /** Rows, each with its filter byte; or already compressed. */
  rows: readonly (readonly number[])[] | Buffer;
  /** Chunks between the header and the pixels. */
  chunks?: readonly Buffer[];
}

/** Builds a PNG, also of kinds that no library writes. */
export function pngOf({ width, height, depth, colour, rows, chunks = [] }: Png): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = depth;
  header[9] = COLOUR[colour];
  const data = Buffer.isBuffer(rows)
    ? rows
    : deflateSync(Buffer.from(rows.flatMap((row) => [0, ...row])));
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    ...chunks,
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

export function chunk(type: string, data: Uint8Array): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(typed.length + 8);
  framed.writeUInt32BE(data.length, 0);
  typed.copy(framed, 4);
  framed.writeUInt32BE(crc32(typed), framed.length - 4);
  return framed;
}

/** Returns a number of zeros, compressed as a stream. */
export async function compressedZeros(count: number): Promise<Buffer> {
  const deflate = createDeflate();
  const zeros = Buffer.alloc(2 ** 20);
  const feeding = (async () => {
    for (let left = count; left > 0; left -= zeros.length) {
      const wantsMore = deflate.write(zeros.subarray(0, Math.min(left, zeros.length)));
      if (!wantsMore) await new Promise((resolve) => deflate.once('drain', resolve));
    }
    deflate.end();
  })();
  const parts: Buffer[] = [];
  for await (const part of deflate) parts.push(part);
  await feeding;
  return Buffer.concat(parts);
}
