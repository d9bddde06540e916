/** Writes a Markdown table; the first row is its head. @param align of each column */
export function markdownTable(
  rows: readonly (readonly string[])[],
  align: 'left' | 'numbers' = 'left',
): string {
  const [head, ...body] = rows.map((row) => `| ${row.map(cell).join(' | ')} |`);
  const rule = rows[0]!.map((_, i) => (align === 'numbers' && i > 0 ? '---:' : '---'));
  return [head, `| ${rule.join(' | ')} |`, ...body].join('\n');
}

/** Writes any text as code. */
export function code(text: string): string {
  const fence = '`'.repeat(longestRun(text) + 1);
  const pad = text.startsWith('`') || text.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${text}${pad}${fence}`;
}

/** Writes a block of code. */
export function codeBlock(language: string, text: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}${language}\n${text}\n${fence}`;
}

/** Escapes foreign text, so that it is not markup. */
export function plain(text: string): string {
  return text.replace(/[\\`*_<>[\]]/g, '\\$&').replace(/\s+/g, ' ');
}

// In a table a bar ends the cell, even in code.
function cell(text: string): string {
  return text.replace(/\|/g, '\\|').replace(/\s*\n\s*/g, ' ');
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}
