import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { numberText, readNumber } from '../../../src/ml/text/number.js';

describe('a number as people write it', () => {
  it.each([
    ['1,234.50', 1234.5, ''],
    ['$1,234.50', 1234.5, '$'],
    ['-$5', -5, '$'],
    ['$-5', -5, '$'],
    ['($1,234.50)', -1234.5, '$'],
    ['$(5.00)', -5, '$'],
    ['(1,234)', -1234, ''],
    ['€ 12.5', 12.5, '€'],
    ['12.5 €', 12.5, '€'],
    ['US$5', 5, 'US$'],
    ['CHF 1\u2019234.50', 1234.5, 'CHF'],
    ['1234.50 USD', 1234.5, 'USD'],
    ['Rs. 12,34,567.00', 1234567, 'Rs.'],
    ["1'234", 1234, ''],
    ['1 234 567.8', 1234567.8, ''],
    ['1\u202f234', 1234, ''],
    ['1\u00a0234,5', 1234.5, ''],
    ['12.5%', 12.5, '%'],
    ['12 kg', 12, 'kg'],
    ['12kg', 12, 'kg'],
    ['98.6°F', 98.6, '°F'],
    ['5 km/h', 5, 'km/h'],
    ['3 m²', 3, 'm²'],
    ['40 sq ft', 40, 'sq ft'],
    ['12.50-', -12.5, ''],
    ['1,234.50- USD', -1234.5, 'USD'],
    ['\u22123.5', -3.5, ''],
    ['\u20133', -3, ''],
    ['+7', 7, ''],
    [' 7 ', 7, ''],
    ['.5', 0.5, ''],
    ['5.', 5, ''],
    ['1.5e3', 1500, ''],
    ['1E-3', 0.001, ''],
    ['12,5', 12.5, ''],
    ['1.234,50', 1234.5, ''],
    ['1.234.567', 1234567, ''],
    ['0,123', 0.123, ''],
    ['007', 7, ''],
    ['1.5D+03', 1500, ''],
    ['1d-3', 0.001, ''],
    ['１，２３４．５', 1234.5, ''],
    ['５％', 5, '%'],
    ['٣', 3, ''],
    ['١٬٢٣٤٫٥', 1234.5, ''],
    ['१२', 12, ''],
    ['\u200b5\u200b', 5, ''],
    ['\ufeff5', 5, ''],
    ['10k', 10_000, ''],
    ['1.1M', 1_100_000, ''],
    ['3 million', 3_000_000, ''],
    ['$1.2M', 1_200_000, '$'],
    ['$2B', 2e9, '$'],
    ['1,5 Mio. €', 1_500_000, '€'],
    ['2B', 2, 'B'],
    ['5 MW', 5, 'MW'],
    ['5 km', 5, 'km'],
    ['0x', 0, 'x'],
    ['4d', 4, 'd'],
  ])('%j is %d in %j', (text, value, unit) => {
    expect(readNumber(text)).toMatchObject({ value, unit });
  });

  it.each(
    [
      [
        '<5',
        '10+',
        '0x10',
        '1e400',
        '~5',
        '5-10',
        '2019-',
        '-1.5-',
        '1/2',
        '12:30',
        'inf',
        'abc',
        '',
        '-',
        '.',
        '%',
      ],
      [
        '1,23,4',
        '1,,2',
        '1.2.3',
        '12,34.5',
        '1,234,56',
        '48.85,2.35',
        'x12',
        'ABC 12',
        '1 2',
        '--5',
      ],
      ['-(5)', '$5 USD', '(5', '1_000', '5 apples and 3 pears', '1e', '2.5E', '1D5'],
      ['0xc', '0xFF', '0x1f kg', '12am', '1 p.m.', 'inf', '½', '1/2', '5+', '1e5e', '$5k USD'],
    ].flat(),
  )('%j is not one', (text) => {
    expect(readNumber(text)).toBeUndefined();
  });

  it.each([
    ['49.000', 49, 49000, 'either'],
    ['1,234', 1234, 1.234, 'either'],
    ['1,234.5', 1234.5, 1234.5, 'point'],
    ['1.234,5', 1234.5, 1234.5, 'comma'],
    ['1234.567', 1234.567, 1234.567, 'point'],
    ['1234,567', 1234.567, 1234.567, 'comma'],
    ['0.123', 0.123, 0.123, 'point'],
    ['1234', 1234, 1234, 'none'],
    ['4,579e+01', 45.79, 45.79, 'comma'],
    ['1.234E3', 1234, 1234, 'point'],
    ['1,234.5e3', 1_234_500, 1_234_500, 'point'],
  ])('%j is %d with a point, %d with a comma', (text, point, comma, shows) => {
    expect(readNumber(text, 'point')).toMatchObject({ value: point, shows });
    expect(readNumber(text, 'comma')).toMatchObject({ value: comma, shows });
  });

  it('is the number that Intl wrote, in any locale of the west', () => {
    const locale = fc.constantFrom('en-US', 'de-DE', 'fr-FR', 'de-CH', 'en-IN', 'sv-SE', 'pt-BR');
    const value = fc.double({ min: -1e12, max: 1e12, noNaN: true });
    const property = fc.property(locale, value, (name, number) => {
      const text = number.toLocaleString(name, { maximumFractionDigits: 2, useGrouping: true });
      const mark = (1.5).toLocaleString(name).includes(',') ? 'comma' : 'point';
      expect(readNumber(text, mark)?.value).toBeCloseTo(Number(number.toFixed(2)), 2);
    });
    fc.assert(property, { numRuns: 2000 });
  });
});

describe('a word that multiplies', () => {
  it('is a unit where that is the unit', () => {
    expect(numberText({ unit: 'K' })('300K')).toBe(300);
    expect(numberText({})('300K')).toBe(300_000);
    expect(numberText({ unit: '$' })('$3K')).toBe(3000);
  });
});

describe('texts of a number feature', () => {
  const read = numberText({ unit: '$', decimal: 'comma', missing: ['<5', -1] });

  it.each([
    ['$1.234', 1234],
    ['1.234', 1234],
    ['<5', null],
    ['NA', null],
    [' ', null],
    ['#N/A', null],
    ['-', null],
    ['None', null],
    ['€5', undefined],
    ['>5', undefined],
  ])('%j is %j', (text, value) => {
    expect(read(text)).toBe(value);
  });
});
