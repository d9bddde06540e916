import { randomBytes, timingSafeEqual } from 'node:crypto';
import { sha256 } from '../core/checksum.js';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ID_LENGTH = 16;
/** 62 to the power of 43 is just above 2 to the power of 256. */
const SECRET_LENGTH = 43;
const CHECK_LENGTH = 6;
const TEXT = /^lap_([0-9A-Za-z]{16})_([0-9A-Za-z]{43})([0-9A-Za-z]{6})$/;

/** A key as its client has it, taken apart. */
export interface PresentedKey {
  id: string;
  secret: string;
}

/** A key that is new: its text is seen here and never again. */
export interface NewKey {
  id: string;
  text: string;
  prefix: string;
  hash: string;
}

/**
 * Makes a key: `lap_ID_SECRETCHECK`. The id finds its record in one read, the secret has 256 random bits, and
 * the check tells a key from what only looks like one, for whoever types it or scans a repository for it.
 */
export function makeKey(): NewKey {
  const id = randomText(ID_LENGTH);
  const secret = randomText(SECRET_LENGTH);
  const prefix = `lap_${id}`;
  const body = `${prefix}_${secret}`;
  return { id, text: body + checkOf(body), prefix, hash: hashSecret(secret) };
}

/** @returns undefined when the text is no key: then nobody needs to look for it */
export function parseKey(text: string): PresentedKey | undefined {
  const [, id, secret, check] = TEXT.exec(text) ?? [];
  if (id === undefined || secret === undefined) return undefined;
  return checkOf(text.slice(0, -CHECK_LENGTH)) === check ? { id, secret } : undefined;
}

/**
 * What is kept of a secret. Slow hashes protect what people think up, which can be guessed; nobody guesses 256
 * random bits, however fast the hash, so a slow one would only cost each request.
 */
export function hashSecret(secret: string): string {
  return sha256(secret);
}

/** Compares in a time that tells nothing about where they differ. */
export function isSecretOf(secret: string, hash: string): boolean {
  return timingSafeEqual(Buffer.from(hashSecret(secret), 'hex'), Buffer.from(hash, 'hex'));
}

/** Digits of a checksum; they tell nothing about a secret that is not known. */
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
      // The last few values would make some characters likelier than others.
      if (byte < 248 && text.length < length) text += ALPHABET[byte % 62]!;
    }
  }
  return text;
}
