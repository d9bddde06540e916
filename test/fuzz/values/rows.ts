import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { boxesCsv } from '../../support/boxes.js';
import { pngOf } from '../../support/png.js';
import { oddText } from './odd.js';

const SIDE = 28;
/** Unpacked, it is more than a batch may be. */
const BOMB = gzipSync(Buffer.alloc(8 * 2 ** 20));

const HEADERS = [
  'side,material,weight',
  'weight,material,side',
  'side,side,weight',
  'side,weight',
  '__proto__,material,weight',
  '',
  '"side,material,weight',
];

/** Rows as CSV: of boxes, or of the example that a model has. */
function csvOf(example: object | undefined): fc.Arbitrary<string> {
  const boxes = fc
    .record({ rows: fc.nat(80), seed: fc.nat(50) })
    .map(({ rows, seed }) => boxesCsv(rows, seed + 1));
  if (!example) return boxes;
  const header = Object.keys(example).join(',');
  const line = Object.values(example).join(',');
  const rows = fc.nat(20).map((count) => [header, ...Array(count).fill(line), ''].join('\n'));
  return fc.oneof({ weight: 4, arbitrary: rows }, { weight: 1, arbitrary: boxes });
}

/** CSV with something in it that should not be there, or without what should be. */
function spoiled(csv: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const spoil = fc.record({ at: fc.nat(2000), length: fc.nat(30), odd: oddText });
  return fc.oneof(
    fc.tuple(csv, spoil).map(([text, { at, length, odd }]) => {
      const start = at % (text.length + 1);
      return text.slice(0, start) + odd + text.slice(start + length);
    }),
    fc.tuple(csv, fc.constantFrom(...HEADERS)).map(([text, header]) => text.replace(/^.*/, header)),
    csv.map((text) => text.replaceAll('\n', '\r')),
    csv.map((text) => `\ufeff${text.replaceAll(',', ';')}`),
    csv.map((text) => text.replaceAll(/\d+\.\d+/g, 'NaN')),
    csv.map((text) => `${text}"`),
  );
}

function toLines(csv: string): string {
  const [header = '', ...lines] = csv.trimEnd().split('\n');
  const names = header.split(',');
  const rows = lines.map((line) => {
    const cells = line.split(',');
    const entries = names.map((name, i) => {
      const cell = cells[i] ?? '';
      return [name, cell !== '' && Number.isFinite(Number(cell)) ? Number(cell) : cell];
    });
    return JSON.stringify(Object.fromEntries(entries));
  });
  return [...rows, ''].join('\n');
}

/** A body of rows, and how it is encoded. */
export interface Rows {
  bytes: Uint8Array;
  encoding?: string;
}

/** Rows of a content type: mostly good ones. */
export function rowsOf(type: string, example?: object): fc.Arbitrary<Rows> {
  const csv = csvOf(example);
  const text = fc.oneof(
    { weight: 4, arbitrary: csv },
    { weight: 3, arbitrary: spoiled(csv) },
    { weight: 1, arbitrary: oddText },
  );
  const written = text.map((each) => Buffer.from(type === 'text/csv' ? each : toLines(each)));
  const bytes = fc.oneof({ weight: 9, arbitrary: written }, { weight: 1, arbitrary: anyBytes });
  return fc.oneof(
    { weight: 12, arbitrary: bytes.map((each): Rows => ({ bytes: each })) },
    { weight: 4, arbitrary: bytes.map((each) => ({ bytes: gzipSync(each), encoding: 'gzip' })) },
    { weight: 1, arbitrary: bytes.map((each) => ({ bytes: each, encoding: 'gzip' })) },
    { weight: 1, arbitrary: bytes.map((each) => cutShort(gzipSync(each))) },
    { weight: 1, arbitrary: bytes.map((each) => ({ bytes: each, encoding: 'br' })) },
    { weight: 1, arbitrary: fc.constant<Rows>({ bytes: BOMB, encoding: 'gzip' }) },
  );
}

const cutShort = (bytes: Buffer): Rows => ({
  bytes: bytes.subarray(0, Math.floor(bytes.length / 2)),
  encoding: 'gzip',
});

export const anyBytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 64 }),
  fc.constantFrom(0, 1000, 70_000, 1_100_000).map((length) => Buffer.alloc(length, 0x41)),
);

/** An image as a body: one that is read, or one that only says it is. */
export function imageOf(type: string): fc.Arbitrary<Uint8Array> {
  if (type === 'application/octet-stream')
    return fc.oneof(fc.uint8Array({ minLength: SIDE ** 2, maxLength: SIDE ** 2 }), anyBytes);
  const png = fc
    .record({ width: sides, height: sides, grey: fc.nat(255) })
    .map(({ width, height, grey }) =>
      pngOf({
        width,
        height,
        depth: 8,
        colour: 'grey',
        rows: Array.from({ length: height }, () => Array(width).fill(grey)),
      }),
    );
  const cut = fc.tuple(png, fc.nat(200)).map(([image, length]) => image.subarray(0, length));
  // A few bytes that promise more pixels than any memory has.
  const bomb = fc.constant(
    pngOf({ width: 60_000, height: 60_000, depth: 8, colour: 'grey', rows: Buffer.alloc(40) }),
  );
  return fc.oneof({ weight: 6, arbitrary: png }, cut, bomb, anyBytes);
}

const sides = fc.constantFrom(SIDE, SIDE, SIDE, 1, 2, 60);
