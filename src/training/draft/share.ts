/** A part of so many, in percent. */
export function share(part: number, of: number): string {
  const percent = (100 * part) / of;
  return `${percent < 1 ? percent.toFixed(2) : percent.toFixed(0)}%`;
}
