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
