import { randomBytes, timingSafeEqual } from 'node:crypto';
import { sha256 } from '../core/checksum.js';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ID_LENGTH = 16;
/** 62 to the power of 43 is slightly above 2 to the power of 256. */
const SECRET_LENGTH = 43;
const CHECK_LENGTH = 6;
const TEXT = /^lap_([0-9A-Za-z]{16})_([0-9A-Za-z]{43})([0-9A-Za-z]{6})$/;

/**
 * Generates a key `lap_ID_SECRETCHECK`. The id addresses its record, the secret has 256 random bits, and the check
 * digits detect typing errors and confirm matches of secret scanners. Only the text contains the secret.
 */
export function makeKey() {
  const id = randomText(ID_LENGTH);
  const secret = randomText(SECRET_LENGTH);
  const prefix = `lap_${id}`;
  const body = `${prefix}_${secret}`;
  return { id, text: body + checkOf(body), prefix, hash: hashSecret(secret) };
}

/** Parses a key. @returns undefined for invalid text, which needs no lookup */
export function parseKey(text: string): { id: string; secret: string } | undefined {
  const [, id, secret, check] = TEXT.exec(text) ?? [];
  if (id === undefined || secret === undefined) return undefined;
  return checkOf(text.slice(0, -CHECK_LENGTH)) === check ? { id, secret } : undefined;
}

/**
 * Returns the stored hash of a secret. Slow hashes protect guessable passwords; 256 random bits cannot be guessed, and a
 * slow hash would cost each request.
 */
export function hashSecret(secret: string): string {
  return sha256(secret);
}

/** Compares in constant time. */
export function isSecretOf(secret: string, hash: string): boolean {
  return timingSafeEqual(Buffer.from(hashSecret(secret), 'hex'), Buffer.from(hash, 'hex'));
}

/** Returns the check digits of the rest of a key. */
function checkOf(body: string): string {
  let rest = BigInt(`0x${sha256(body).slice(0, 16)}`);
  let check = '';
  for (let i = 0; i < CHECK_LENGTH; i++) {
    check += ALPHABET[Number(rest % 62n)]!;
    rest /= 62n;
  }
  return check;
}

function randomText(length: number): string {
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      // Values from 248 would make some characters more likely.
      if (byte < 248 && text.length < length) text += ALPHABET[byte % 62]!;
    }
  }
  return text;
}
