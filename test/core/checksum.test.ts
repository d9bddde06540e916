import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson, sha256 } from '../../src/core/checksum.js';

describe('sha256', () => {
  it.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ])('of %j is that of FIPS 180-4', (text, expected) => {
    expect(sha256(text)).toBe(expected);
    expect(sha256(Buffer.from(text))).toBe(expected);
  });

  it('of parts is that of the whole', () => {
    const bytes = fc.uint8Array();
    fc.assert(
      fc.property(bytes, bytes, (head, tail) => {
        expect(sha256(head, tail)).toBe(sha256(Buffer.concat([head, tail])));
      }),
    );
  });
});

/** The same value with the keys of every object in the opposite order. */
function turnedRound(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(turnedRound);
  const entries = Object.entries(value).map(([key, nested]) => [key, turnedRound(nested)]);
  return Object.fromEntries(entries.reverse());
}

describe('canonical JSON', () => {
  it('has keys in order at every depth, and lists as they are', () => {
    const value = { b: [{ d: 1, c: null }, 2, 1], a: { z: 'é', A: true } };
    expect(canonicalJson(value)).toBe('{"a":{"A":true,"z":"é"},"b":[{"c":null,"d":1},2,1]}');
  });

  it('does not depend on the order in which a value was built', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(turnedRound(value))).toBe(canonicalJson(value));
      }),
    );
  });

  it('keeps the value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
