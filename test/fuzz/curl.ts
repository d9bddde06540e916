import type { FuzzRequest } from './exchange.js';

/** How much of a body stands in a line; more is told by its length. */
const LONGEST_BODY = 4000;

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** A request as a line for a shell. */
export function curlOf({ method, path, headers, body }: FuzzRequest): string {
  const parts = ['curl', '-i', '--path-as-is', '-g', '-X', method];
  for (const [name, value] of Object.entries(headers)) parts.push('-H', quote(`${name}: ${value}`));
  if (body) parts.push('--data-binary', bodyOf(Buffer.from(body)));
  parts.push(quote(`http://127.0.0.1:8080${path}`));
  return parts.join(' ');
}

/** Text as it is; other bytes in the notation of bash. */
function bodyOf(body: Buffer): string {
  const shown = body.subarray(0, LONGEST_BODY);
  const rest = body.length > shown.length ? ` # and ${body.length - shown.length} bytes more` : '';
  const text = shown.toString();
  // A body that begins with @ would name a file.
  if (/^[^@\0][ -~\n]*$/.test(text)) return quote(text) + rest;
  const escaped = [...shown].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`);
  return `@<(printf ${quote(escaped.join(''))})${rest}`;
}
