import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EMPTY, INVALID, parseNumber } from '../../src/csv/number.js';

/** Parses a text that stands between other bytes. */
function parse(text: string, decimalComma = false): number {
  const bytes = Buffer.from(`7${text}7`);
  return parseNumber(bytes, 1, bytes.length - 1, decimalComma);
}

const NUMBER = /^[ \t\n\v\f\r]*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?[ \t\n\v\f\r]*$/i;

/** What a text is by `Number()`, without what that takes for numbers beside decimal ones. */
function reference(text: string): number {
  if (/^[ \t\n\v\f\r]*$/.test(text)) return EMPTY;
  const value = Number(text);
  return NUMBER.test(text) && Number.isFinite(value) ? value : INVALID;
}

const digits = (maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength });
const decimal = fc
  .tuple(
    fc.constantFrom('', '', '-', '+'),
    fc.oneof(digits(3), digits(20)),
    fc.constantFrom('', '.', '.'),
    fc.oneof(digits(3), digits(25)),
    fc.constantFrom('', '', 'e', 'E-', 'e+'),
    fc.oneof(fc.constant(''), fc.integer({ min: 0, max: 350 }).map(String)),
  )
  .map((parts) => parts.join(''));

describe('a number', () => {
  it('is what Number() says, of any double', () => {
    const property = fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(parse(String(value))).toBe(value === 0 ? 0 : value);
      expect(parse(value.toExponential())).toBe(Number(value.toExponential()));
      expect(parse(String(value).replace('.', ','), true)).toBe(value === 0 ? 0 : value);
    });
    fc.assert(property, { numRuns: 5000 });
  });

  it('is what Number() says, of any decimal', () => {
    const property = fc.property(decimal, (text) => {
      expect(parse(text)).toBe(reference(text));
    });
    fc.assert(property, { numRuns: 8000 });
  });

  it('is what Number() says, or none, of any text', () => {
    const unit = fc.constantFrom(...'0123456789', ...'..--++eE ,_xn', '\t', '\u00e9');
    const property = fc.property(fc.string({ unit, maxLength: 12 }), (text) => {
      expect(parse(text)).toBe(reference(text));
    });
    fc.assert(property, { numRuns: 8000 });
  });

  it('with a decimal comma is the one with a point', () => {
    const property = fc.property(decimal, (text) => {
      expect(parse(text.replace('.', ','), true)).toBe(reference(text));
    });
    fc.assert(property, { numRuns: 5000 });
  });

  it('may have points between its thousands where it has a decimal comma', () => {
    const property = fc.property(
      fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
      fc.oneof(
        fc.constant(''),
        digits(10).map((text) => `,${text}`),
      ),
      (integer, fraction) => {
        const text = integer.toLocaleString('de-DE') + fraction;
        expect(parse(text, true)).toBe(Number(integer + fraction.replace(',', '.')));
      },
    );
    fc.assert(property, { numRuns: 2000 });
  });

  it.each([
    ['1.234', 1234],
    ['1.234.567,5', 1234567.5],
    ['-12.345', -12345],
    ['123.456e2', 12345600],
    [' 3,5 ', 3.5],
    ['1234,5', 1234.5],
    ['3.5', INVALID],
    ['0.123', INVALID],
    ['1.23', INVALID],
    ['1234.567', INVALID],
    ['1.2345', INVALID],
    ['1.234.56', INVALID],
    ['1234567.890,1', INVALID],
    ['.123', INVALID],
    ['1.', INVALID],
    ['1..234', INVALID],
    ['1.234,5.6', INVALID],
    ['1,5,6', INVALID],
    ['1.,5', INVALID],
  ])('%s with a decimal comma is %d', (text, value) => expect(parse(text, true)).toBe(value));

  it('is what Number() says where a double stops holding every integer', () => {
    const near = fc.tuple(fc.integer({ min: -3000, max: 3000 }), fc.integer({ min: 1, max: 16 }));
    const property = fc.property(near, ([offset, point]) => {
      const text = String(2n ** 53n + BigInt(offset));
      const decimal = `${text.slice(0, point)}.${text.slice(point)}`;
      expect(parse(decimal)).toBe(Number(decimal));
    });
    fc.assert(property, { numRuns: 2000 });
  });

  it('is what Number() says halfway between two doubles, and a hair beside', () => {
    const places = fc.integer({ min: 1, max: 11 });
    const mantissa = fc.bigInt({ min: 2n ** 53n, max: 2n ** 54n - 1n });
    const property = fc.property(
      mantissa,
      places,
      fc.integer({ min: -1, max: 1 }),
      (m, e, hair) => {
        // (2m + 1) / 2^e is halfway; times 10^e it is an integer.
        const halfway = (2n * m + 1n) * 5n ** BigInt(e);
        const text = String(halfway * 100n + BigInt(hair));
        const decimal = `${text.slice(0, -e - 2)}.${text.slice(-e - 2)}`;
        expect(parse(decimal)).toBe(Number(decimal));
      },
    );
    fc.assert(property, { numRuns: 3000 });
  });

  it.each(['', ' ', '\t  '])('of %j is missing', (text) => {
    expect(parse(text)).toBe(EMPTY);
    expect(parse(text, true)).toBe(EMPTY);
  });

  it.each(['0x10', 'Infinity', '-Infinity', 'NaN', 'null', '1e999', '-1e999', '1,234', '1_000'])(
    'is not %s',
    (text) => expect(parse(text)).toBe(INVALID),
  );

  it('is exact in its last digit and rounds half to even', () => {
    const hard = ['9007199254740993', '9007199254740992.5', '0.1', '1e23', '5e-324', '2e-324'];
    const long = ['123456789.123456789', '0.000000000000000000000000000001', `1${'0'.repeat(300)}`];
    for (const text of [...hard, ...long]) expect(parse(text)).toBe(Number(text));
    expect(parse(`0.${'3'.repeat(1000)}`)).toBe(1 / 3);
    expect(parse('-0')).toBe(-0);
  });
});
