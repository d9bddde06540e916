/**
 * Secrets that must not be logged: API keys, also mistyped ones, and credentials for this API or for AWS. Redacting
 * twice changes nothing. Underscores and equal signs may be URL-encoded.
 */
const SECRETS: readonly [pattern: RegExp, shown: string][] = [
  [/\blap(_|%5f)([0-9a-z]{1,64})(?:_|%5f)[0-9a-z%_-]+/gi, 'lap_$2_[redacted]'],
  [
    /(\b(?:authorization|proxy-authorization|cookie|set-cookie|x-api-key|x-amz-security-token)\\?["']?\s*[:=]\s*\\?["']?)[^\r\n"'\\]+/gi,
    '$1[redacted]',
  ],
  [/\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi, '$1 [redacted]'],
  [
    /\b(x-amz-(?:signature|credential|security-token)|awsaccesskeyid|credential|signature|sig|token)(=|%3d)[^&,\s"'\\]+/gi,
    '$1$2[redacted]',
  ],
  [/\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g, '[redacted]'],
];

/** Returns the text with recognisable secrets replaced. */
export function redact(text: string): string {
  let shown = text;
  for (const [pattern, instead] of SECRETS) shown = shown.replace(pattern, instead);
  return shown;
}

const LONGEST_FIELD = 200;

/** Returns short texts without secrets: a key given in place of its id is redacted. */
export function redactFields(fields: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, text]) => [name, redact(text).slice(0, LONGEST_FIELD)]),
  );
}
