import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { Fault } from '../../../src/core/errors.js';
import { InstanceReader } from '../../../src/ml/encoding/instance.js';
import { targetReader } from '../../../src/ml/encoding/target.js';
import { WordIndex } from '../../../src/ml/encoding/words.js';
import { parseSpec } from '../../../src/ml/parse-spec.js';
import type { Feature, RowSpec, Spec } from '../../../src/ml/spec.js';
import { TargetField } from '../../../src/rows/json.js';

const SPEC = JSON.parse(readFileSync('model/diamonds/spec.json', 'utf8')) as Spec;

const COMPOSED = 'café';
const DECOMPOSED = 'cafe\u0301';

const placeFeature = (name: string, categories: string[]): Feature => ({
  name,
  kind: 'category',
  categories,
});

/** What a reader makes of an instance: its one value, or the codes of its faults. */
function read(feature: Feature, instance: object) {
  const reader = new InstanceReader({ features: [feature] });
  const values = new Float64Array(1);
  const faults: Fault[] = [];
  reader.read(instance, 0, values, faults);
  return faults.length === 0 ? values[0] : faults.map(({ code }) => code);
}

describe('a word', () => {
  it.each([
    ['composed in the spec, decomposed in the value', COMPOSED, DECOMPOSED],
    ['decomposed in the spec, composed in the value', DECOMPOSED, COMPOSED],
    ['with blanks around it', COMPOSED, ` ${DECOMPOSED}\u00a0`],
    ['as it stands', DECOMPOSED, DECOMPOSED],
  ])('is one category: %s', (_what, category, value) => {
    expect(read(placeFeature('place', ['bar', category]), { place: value })).toBe(1);
  });

  it('is found as it stands before its other spellings', () => {
    const words = new WordIndex([COMPOSED, DECOMPOSED, ' a', 'a']);
    expect([COMPOSED, DECOMPOSED, ' a', 'a', 'a '].map((word) => words.find(word))).toEqual([
      0, 1, 2, 3, 3,
    ]);
    expect([words.find('b'), words.find(1), words.find(null)]).toEqual(Array(3).fill(undefined));
  });

  it('of too many digits for a number is found as text alone', () => {
    const words = new WordIndex(['9007199254740992', '9007199254740993']);
    expect(words.find('9007199254740993')).toBe(1);
    expect([words.find(9007199254740992), words.find('9007199254740992.0')]).toEqual([
      undefined,
      undefined,
    ]);
  });

  it('is one class of a target', () => {
    const target = { name: DECOMPOSED, classes: ['bar', COMPOSED] };
    const faults: Fault[] = [];
    const spec: RowSpec = { task: 'classification', features: [], target };
    const field = new TargetField(DECOMPOSED, targetReader(spec));
    expect(field.read({ [COMPOSED]: DECOMPOSED }, 0, faults)).toBe(1);
    expect(faults).toEqual([]);
  });

  it('is one name of a field, and others are still unknown', () => {
    const feature = placeFeature(COMPOSED, ['a']);
    expect(read(feature, { [DECOMPOSED]: 'a' })).toBe(0);
    expect(read(placeFeature(DECOMPOSED, ['a']), { [COMPOSED]: 'a' })).toBe(0);
    expect(read(feature, { [DECOMPOSED]: 'a', x: 1 })).toEqual(['unknown_field']);
    expect(read(feature, { cafe: 'a' })).toEqual(['missing_field', 'unknown_field']);
  });

  it('stands once among the categories and classes of a spec', () => {
    const twice = [COMPOSED, DECOMPOSED];
    const features = [...SPEC.features, placeFeature('place', twice)];
    expect(() => parseSpec({ ...SPEC, features })).toThrow(
      /categories: "café" \(caf\\u\{e9\}\) and "cafe\u0301" \(cafe\\u\{301\}\) are one word/,
    );
    const target = { name: 'price', classes: twice };
    expect(() => parseSpec({ ...SPEC, target })).toThrow(/\/target\/classes: .* one word/);
  });
});
