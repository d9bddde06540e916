/** Decides whether a request has `Cache-Control: no-cache`. */
export function wantsFresh({
  'cache-control': given,
}: {
  'cache-control'?: string | undefined;
}): boolean {
  return given !== undefined && /(^|,)\s*no-cache\s*(,|$)/i.test(given);
}
