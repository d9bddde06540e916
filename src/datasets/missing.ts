const WORDS = new Set(['', 'na', 'n/a', 'nan', 'null', 'none', '-', '?', '.']);

/** Whether a field says that its value is not known. */
export function isMissing(text: string): boolean {
  return WORDS.has(text.trim().toLowerCase());
}
