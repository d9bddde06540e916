/** Writes a line to standard output. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Writes a line to standard error: what a reader wants to know, but no program that reads the output. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Warns that a model is served without its compiled plan. @param reason why */
export function warnOfFallback(model: string, reason: string): void {
  note(`WARNING TensorFlow.js serves "${model}", not the compiled plan: ${reason}`);
  note('Predictions are the same; starting and predicting take longer, and memory is larger.');
}

/** A number with thousands separated and so many decimals. */
export function format(value: number, decimals = 0): string {
  return value.toLocaleString('en-US', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
}

/** Rows of cells as aligned text: the first column to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
        .join('  '),
    )
    .join('\n');
}
