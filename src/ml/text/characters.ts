/** Blanks and invisible characters at the ends of a text: zero-width spaces, direction marks and byte order marks. */
const ENDS = /^[\s\p{Cf}\u180e]+|[\s\p{Cf}\u180e]+$/gu;
const DIGIT = /\p{Nd}/u;
/** Distance of the full-width forms from ASCII, from ! to ~. */
const FULL_WIDTH = 0xfee0;

/** Returns a text without blanks and invisible characters at its ends. */
export function trimmed(text: string): string {
  const bare = text.trim();
  if (isAscii(bare)) return bare;
  return bare.replace(ENDS, '');
}

/** Converts the digits of all scripts, and full-width signs, to ASCII. */
export function asciiDigits(text: string): string {
  if (isAscii(text)) return text;
  return text
    .replace(/[\uff01-\uff5e]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - FULL_WIDTH))
    .replace(/[\p{Nd}]/gu, digitOf)
    .replaceAll('\u066b', '.')
    .replaceAll('\u066c', ',');
}

/** Returns the value of a digit: the digits of a script are consecutive, beginning with 0. */
function digitOf(digit: string): string {
  const code = digit.codePointAt(0)!;
  if (code < 0x80) return digit;
  let zero = code;
  while (code - zero < 9 && DIGIT.test(String.fromCodePoint(zero - 1))) zero--;
  return String(code - zero);
}

export function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}
