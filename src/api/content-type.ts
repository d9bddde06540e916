/** Returns the charset that a content type names. */
export function charsetOf(contentType: string | undefined): string | undefined {
  const [, quoted, plain] =
    /;\s*charset\s*=\s*(?:"([^"]*)"|([^\s;"]+))/i.exec(contentType ?? '') ?? [];
  return quoted ?? plain;
}
