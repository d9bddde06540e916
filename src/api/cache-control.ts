/** Whether a request's `Cache-Control` asks that nothing be answered from memory unchecked. */
export function wantsFresh({
  'cache-control': given,
}: {
  'cache-control'?: string | undefined;
}): boolean {
  return given !== undefined && /(^|,)\s*no-cache\s*(,|$)/i.test(given);
}
