import { describe, expect, it } from '@jest/globals';
import { sha256 } from '../../src/core/checksum.js';
import { appendRows } from '../../src/ml/rows.js';
import type { Spec } from '../../src/ml/spec.js';
import { readIdx } from '../../src/rows/idx.js';
import { openDataset } from '../../src/rows/open.js';
import type { Bytes } from '../../src/rows/source.js';
import { cut } from '../csv/support.js';

const SIZE = { width: 3, height: 2 };
const CLASSES = 4;
const SPEC: Spec = {
  name: 'digits',
  title: '',
  description: '',
  task: 'classification',
  features: [{ name: 'image', kind: 'image', ...SIZE }],
  target: { name: 'digit', classes: ['0', '1', '2', '3'] },
  encoding: [{ encode: 'pixels', feature: 'image' }],
};

/** An IDX file: its magic number, its dimensions and its bytes. */
function idx(magic: number, dimensions: readonly number[], values: Iterable<number>): Buffer {
  const header = Buffer.alloc(4 + 4 * dimensions.length);
  header.writeUInt32BE(magic, 0);
  dimensions.forEach((length, i) => {
    header.writeUInt32BE(length, 4 + 4 * i);
  });
  return Buffer.concat([header, Uint8Array.from(values)]);
}

const pixelsOf = (count: number) => Uint8Array.from({ length: 6 * count }, (_, i) => (i * 7) % 256);
const labelsOf = (count: number) => Uint8Array.from({ length: count }, (_, i) => i % CLASSES);
const images = (count: number) => idx(0x803, [count, 2, 3], pixelsOf(count));
const labels = (count: number) => idx(0x801, [count], labelsOf(count));

const bytes = (buffer: Buffer, size?: number): Bytes => ({ read: () => cut(buffer, size) });

async function read(pictures: Buffer, truth: Buffer, size?: number) {
  const files = { images: bytes(pictures, size), labels: bytes(truth, size) };
  const blocks = [];
  for await (const block of readIdx(files, SIZE, CLASSES)) blocks.push(block);
  return { blocks };
}

describe('images and labels', () => {
  it.each([1, 5, 1024, 1025, 2500])('are read to rows, all %i of them', async (count) => {
    const { blocks } = await read(images(count), labels(count));
    expect(Math.max(...blocks.map((block) => block.count))).toBeLessThanOrEqual(1024);
    const all = appendRows(blocks);
    expect(all.count).toBe(count);
    expect(all.values).toEqual(Float64Array.from(pixelsOf(count)));
    expect(all.targets).toEqual(Float64Array.from(labelsOf(count)));
  });

  it('count in the checksum with all their bytes', async () => {
    const files = { images: bytes(images(20), 17), labels: bytes(labels(20), 3) };
    const source = { origin: 'digits', format: 'idx', training: files, test: files } as const;
    const dataset = openDataset(source, SPEC);
    for await (const _ of dataset.blocks());
    const part = Buffer.concat([images(20), labels(20)]);
    expect(dataset.checksum).toBe(sha256(part, part));
  });

  it('are the same however their bytes arrive', async () => {
    const whole = await read(images(20), labels(20));
    for (const size of [1, 3, 17])
      expect((await read(images(20), labels(20), size)).blocks).toEqual(whole.blocks);
  });

  it('may be none', async () => {
    expect((await read(images(0), labels(0))).blocks).toEqual([]);
  });
});

describe('IDX files are refused', () => {
  const good = images(5);
  const truth = labels(5);
  const six = pixelsOf(1);
  it.each([
    ['nothing', Buffer.alloc(0), truth, 'the images are not an IDX file of bytes in 3 dimensions'],
    ['half a header', good.subarray(0, 9), truth, 'the images are not an IDX file'],
    ['labels for images', truth, truth, 'the images are not an IDX file of bytes in 3 dimensions'],
    ['images for labels', good, good, 'the labels are not an IDX file of bytes in 1 dimensions'],
    ['floats', idx(0xd03, [1, 2, 3], six), truth, 'the images are not an IDX file'],
    ['signed bytes', idx(0x903, [1, 2, 3], six), truth, 'the images are not an IDX file'],
    [
      'a gzip file',
      Buffer.from('1f8b08000000000000034b04', 'hex'),
      truth,
      'the images are not an IDX',
    ],
    ['a pixel too few', good.subarray(0, -1), truth, 'the images must be 30 bytes, not 29'],
    ['a byte too many', good, Buffer.concat([truth, six]), 'the labels must be 5 bytes, not 11'],
    [
      'images on their side',
      idx(0x803, [5, 3, 2], pixelsOf(5)),
      truth,
      'the images are 2 by 3, not 3 by 2',
    ],
    ['more images', images(6), truth, 'there are 6 images and 5 labels'],
    ['more labels', good, labels(6), 'there are 5 images and 6 labels'],
    ['an unknown class', good, idx(0x801, [5], [0, 1, 4, 2, 9]), 'label 2 is 4, of 4 classes'],
  ])('that hold %s', async (_what, pictures, labelled, message) => {
    await expect(read(pictures, labelled)).rejects.toMatchObject({
      code: 'invalid_dataset',
      message: expect.stringContaining(message),
    });
  });
});
