/** Objects and lists within one another that JSON of ours or of clients ever needs. */
export const DEEPEST = 100;

/**
 * Whether a value that was parsed is nested deeper than {@link DEEPEST}: whoever goes through it by calling themselves
 * would run out of stack.
 * @param text what it was parsed from: most is too short for that
 */
export function isTooDeep(value: unknown, text: { length: number }): boolean {
  return text.length > 2 * DEEPEST && isDeeper(value, DEEPEST);
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++)
      if (typeof value[i] === 'object' && isDeeper(value[i], levels - 1)) return true;
    return false;
  }
  const object = value as Record<string, unknown>;
  for (const key in object)
    if (typeof object[key] === 'object' && isDeeper(object[key], levels - 1)) return true;
  return false;
}
