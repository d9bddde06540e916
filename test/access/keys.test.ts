import { describe, expect, it } from '@jest/globals';
import { hashSecret, isSecretOf, makeKey, parseKey } from '../../src/access/keys.js';

describe('the text of a key', () => {
  it('carries its id, its secret and a check, and is kept as a hash alone', () => {
    const { id, text, prefix, hash } = makeKey();
    expect(text).toMatch(/^lap_[0-9A-Za-z]{16}_[0-9A-Za-z]{49}$/);
    expect(prefix).toBe(`lap_${id}`);
    const presented = parseKey(text)!;
    expect(presented.id).toBe(id);
    expect(hash).toBe(hashSecret(presented.secret));
    expect(isSecretOf(presented.secret, hash)).toBe(true);
    expect(isSecretOf(parseKey(makeKey().text)!.secret, hash)).toBe(false);
  });

  it('has 256 random bits at least, evenly spread', () => {
    const { secret } = parseKey(makeKey().text)!;
    expect(secret.length * Math.log2(62)).toBeGreaterThanOrEqual(256);
    const counts = new Map<string, number>();
    for (let i = 0; i < 2000; i++)
      for (const letter of parseKey(makeKey().text)!.secret)
        counts.set(letter, (counts.get(letter) ?? 0) + 1);
    expect(counts.size).toBe(62);
    // About 1387 of each are expected, 37 the standard deviation; a byte modulo 62 would give the first 8 1700.
    expect(Math.max(...counts.values())).toBeLessThan(1387 + 6 * 37);
    expect(Math.min(...counts.values())).toBeGreaterThan(1387 - 6 * 37);
  });

  it('with one character changed, or two swapped, is no key', () => {
    const { text } = makeKey();
    for (let at = 4; at < text.length; at++) {
      const other = text[at] === 'x' ? 'y' : 'x';
      expect(parseKey(text.slice(0, at) + other + text.slice(at + 1))).toBeUndefined();
    }
    const swapped = text.slice(0, 30) + text[31] + text[30] + text.slice(32);
    if (swapped !== text) expect(parseKey(swapped)).toBeUndefined();
  });

  it.each(['', 'lap_', 'Bearer x', 'x'.repeat(100_000), `lap_${'a'.repeat(16)}_${'a'.repeat(49)}`])(
    'is not %.30s',
    (text) => expect(parseKey(text)).toBeUndefined(),
  );
});
