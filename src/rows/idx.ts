import { LapidaryError } from '../core/errors.js';
import type { RowBlock } from '../ml/rows.js';
import type { Bytes, IdxFiles } from './source.js';

/** An IDX file begins with two zeros, the type of its numbers (8: byte) and its number of dimensions. */
const UNSIGNED_BYTE = 8;
const BLOCK_ROWS = 1024;

/**
 * Reads images of one size and their classes from IDX files, the format of MNIST
 * (http://yann.lecun.com/exdb/mnist).
 * @throws LapidaryError `invalid_dataset` if a file is not an IDX file, or the two do not match
 */
export async function* readIdx(
  { images, labels }: IdxFiles,
  size: { width: number; height: number },
  classes: number,
): AsyncGenerator<RowBlock> {
  const pictures = await readArray(images, 3, 'the images');
  const truth = await readArray(labels, 1, 'the labels');
  const [count, height, width] = pictures.dimensions as [number, number, number];
  if (width !== size.width || height !== size.height)
    throw invalid(`the images are ${width} by ${height}, not ${size.width} by ${size.height}`);
  if (truth.dimensions[0] !== count)
    throw invalid(`there are ${count} images and ${truth.dimensions[0]} labels`);
  const outside = truth.values.findIndex((label) => label >= classes);
  if (outside >= 0)
    throw invalid(`label ${outside} is ${truth.values[outside]}, of ${classes} classes`);
  for (let start = 0; start < count; start += BLOCK_ROWS) {
    const end = Math.min(count, start + BLOCK_ROWS);
    yield {
      count: end - start,
      values: Float64Array.from(
        pictures.values.subarray(start * width * height, end * width * height),
      ),
      targets: Float64Array.from(truth.values.subarray(start, end)),
    };
  }
}

async function readArray(
  file: Bytes,
  rank: number,
  what: string,
): Promise<{ dimensions: number[]; values: Uint8Array }> {
  const parts: Uint8Array[] = [];
  for await (const chunk of file.read()) parts.push(chunk);
  const bytes = Buffer.concat(parts);
  const header = 4 + 4 * rank;
  if (bytes.length < header || bytes.readUInt32BE(0) !== (UNSIGNED_BYTE << 8) + rank)
    throw invalid(`${what} are not an IDX file of bytes in ${rank} dimensions`);
  const dimensions = Array.from({ length: rank }, (_, i) => bytes.readUInt32BE(4 + 4 * i));
  const values = bytes.subarray(header);
  const expected = dimensions.reduce((product, length) => product * length, 1);
  if (values.length !== expected)
    throw invalid(`${what} must be ${expected} bytes, not ${values.length}`);
  return { dimensions, values };
}

function invalid(message: string): LapidaryError {
  return new LapidaryError('invalid_dataset', message);
}
