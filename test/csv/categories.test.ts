import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Categories, UNKNOWN } from '../../src/csv/categories.js';
import { readCsv } from '../../src/csv/reader.js';
import { cut, field } from './support.js';

const text = fc.oneof(field, fc.string({ unit: 'grapheme', maxLength: 6 }));

it('a category is found where a Map finds it', () => {
  const property = fc.property(
    fc.uniqueArray(text, { maxLength: 300 }),
    fc.array(text),
    (known, others) => {
      const categories = new Categories(known);
      const map = new Map(known.map((category, i) => [category, i]));
      for (const category of [...known, ...others]) {
        const bytes = Buffer.from(`x${category}x`);
        const index = categories.indexOf(bytes, 1, bytes.length - 1);
        expect(index).toBe(map.get(category) ?? UNKNOWN);
      }
    },
  );
  fc.assert(property, { numRuns: 300 });
});

it('a category is found in a field, however that is written', async () => {
  const known = ['', 'Köln', 'say "hi"', 'a,b', 'two\nlines', '"'];
  const categories = new Categories(known);
  const written = ['""', 'Köln', '"say ""hi"""', '"a,b"', '"two\nlines"', '""""', '"Köln"', 'Bonn'];
  const csv = await readCsv(cut(`city,n\n${written.map((one) => `${one},1`).join('\n')}`));
  const found: number[] = [];
  for await (const { bytes, spans, rows, columns } of csv.blocks()) {
    for (let row = 0; row < rows; row++) {
      const at = 2 * row * columns;
      found.push(categories.indexOf(bytes, spans[at]!, spans[at + 1]!));
    }
  }
  expect(found).toEqual([0, 1, 2, 3, 4, 5, 1, UNKNOWN]);
});

it('a hundred thousand categories are told apart', () => {
  const known = Array.from({ length: 100_000 }, (_, i) => `category ${i}`);
  const categories = new Categories(known);
  known.forEach((category, i) => {
    const bytes = Buffer.from(category);
    if (categories.indexOf(bytes, 0, bytes.length) !== i) throw new Error(category);
  });
  expect(categories.indexOf(Buffer.from('category 100000'), 0, 15)).toBe(UNKNOWN);
  expect(new Categories([]).indexOf(Buffer.from('a'), 0, 1)).toBe(UNKNOWN);
});
