import { randomFillSync } from 'node:crypto';
import { sha256 } from './checksum.js';

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Random bytes, generated in bulk: a call per id would cost more than the id. */
const pool = new Uint8Array(10 * 512);
let used = pool.length;

/** The prefix that ids of the same millisecond share. */
let stamped = { now: Number.NaN, text: '' };

/** Returns a UUID of version 7 (RFC 9562): 48 bits of Unix milliseconds, then 74 random bits. They sort by time. */
export function uuidv7(now: number = Date.now()): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  if (now !== stamped.now) stamped = { now, text: stamp(now) };
  const random = (index: number): string => HEX[pool[used + index]!]!;
  const version = HEX[0x70 | (pool[used]! & 0x0f)]!;
  const variant = HEX[0x80 | (pool[used + 1]! & 0x3f)]!;
  const id = `${stamped.text}-${version}${random(2)}-${variant}${random(3)}-${random(4)}${random(5)}${random(6)}${random(7)}${random(8)}${random(9)}`;
  used += 10;
  return id;
}

function stamp(now: number): string {
  const time = Math.floor(now).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}`;
}

/** Decides whether text has the form of a UUID. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f-]{36}$/.test(text);
}

/** Returns the UUID of version 8 (RFC 9562) of some text: equal parts give equal ids. */
export function uuidOf(...parts: readonly string[]): string {
  const hash = sha256(JSON.stringify(parts));
  const variant = HEX[0x80 | (Number.parseInt(hash.slice(16, 18), 16) & 0x3f)]!;
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-${variant}${hash.slice(18, 20)}-${hash.slice(20, 32)}`;
}
