import { describe, expect, it } from '@jest/globals';
import { Encoder } from '../../../src/ml/encoding/encoder.js';
import { blockOf, fitEncoding, type Row, specOf } from './shapes.js';

const DAY = Date.UTC(2026, 0, 5);
const HOUR = 3_600_000;
const at = (hours: number, kind = 0): Partial<Row> => ({ cut: DAY + hours * HOUR, kind });

/** Tiles of 12 hours along the two days that training saw, so five of each tiling. */
const SPEC = specOf(
  { encode: 'standard', feature: 'width' },
  { encode: 'tiles', along: 'cut', by: ['kind'], hours: 12 },
);
const encoder = new Encoder(SPEC, fitEncoding(SPEC, blockOf([at(0), at(47)])));
const tilesOf = (row: Partial<Row>) => [...encoder.encodeRows(blockOf([row]))].slice(1);

describe('tiles', () => {
  it('are rows of one table: each tiling has each category, the unknown one too, and one row is for none', () => {
    expect(encoder.tiles).toEqual([{ along: 'cut', inputs: 2, rows: 2 * 4 * 5 + 1 }]);
    expect([encoder.dense, encoder.width]).toEqual([1, 3]);
  });

  it('are the same within half a tile, and share one of two with the next half', () => {
    expect(tilesOf(at(1))).toEqual(tilesOf(at(5.9)));
    const [there, next, beyond] = [tilesOf(at(1)), tilesOf(at(7)), tilesOf(at(13))];
    expect(there.filter((tile) => next.includes(tile))).toHaveLength(1);
    expect(there.filter((tile) => beyond.includes(tile))).toHaveLength(0);
  });

  it('are others for another category', () => {
    const all = [0, 1, 2, 3].flatMap((kind) => tilesOf(at(1, kind)));
    expect(new Set(all).size).toBe(8);
  });

  it.each([-13, 60, Number.NaN])(
    'are none %d hours from the beginning, where training saw nothing',
    (hours) => {
      const none = encoder.tiles[0]!.rows - 1;
      expect(tilesOf(at(hours))).toEqual([none, none]);
    },
  );

  it('of two categories are of the same table', () => {
    const spec = specOf({ encode: 'tiles', along: 'cut', by: ['kind', 'kind'], hours: 12 });
    const both = new Encoder(spec, fitEncoding(spec, blockOf([at(0), at(47)])));
    const [first, second, third, fourth] = both.encodeRows(blockOf([at(1, 2)]));
    expect([first, third]).toEqual([second, fourth]);
    expect(both.tiles[0]).toMatchObject({ inputs: 4, rows: 41 });
  });

  it('without a category are the moment alone', () => {
    const spec = specOf({ encode: 'tiles', along: 'cut', by: [], hours: 12 });
    const alone = new Encoder(spec, fitEncoding(spec, blockOf([at(0), at(47)])));
    expect(alone.encodeRows(blockOf([at(1, 0)]))).toEqual(alone.encodeRows(blockOf([at(1, 2)])));
    expect(alone.tiles[0]!.rows).toBe(2 * 5 + 1);
  });
});
