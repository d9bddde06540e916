import { table } from '../../cards/index.js';

/** Writes a line to standard output. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Writes a value to standard output as indented JSON. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** Writes rows to standard output as a table. */
export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  print(table([head, ...rows]));
}

/** Writes a line to standard error, apart from the output that programs parse. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Warns that a model is served without its compiled plan. */
export function warnOfFallback(model: string, reason: string): void {
  note(`WARNING TensorFlow.js serves "${model}", not the compiled plan: ${reason}`);
  note('Predictions are the same; startup and predictions are slower and need more memory.');
}
