/** Returns the properties that are not undefined, since an optional property must be left out instead. */
export function defined<T extends object>(
  properties: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(properties).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<T> as never;
}
