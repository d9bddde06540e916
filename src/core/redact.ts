/**
 * What must be in no log, whatever text it is found in: our keys, whole or mistyped; what authorises a request to
 * us or to AWS. What was shown once stays as it is shown. Underscores and equal signs may be written as in a URL.
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

/** Text without the secrets that can be told by how they look. */
export function redact(text: string): string {
  let shown = text;
  for (const [pattern, instead] of SECRETS) shown = shown.replace(pattern, instead);
  return shown;
}
