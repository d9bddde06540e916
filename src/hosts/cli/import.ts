import { describeParity, format, metricsTable } from '../../cards/index.js';
import { defined } from '../../core/defined.js';
import type { Reading } from '../../rows/text/reading.js';
import type { Imported, ImportOrder, ImportService } from '../../training/index.js';
import { print, printJson, warnOfFallback } from './output.js';

/** Options of the command, with those about the file not yet nested. */
export type ImportOptions = Omit<ImportOrder, 'name' | 'reading'> & Reading & { json?: true };

/** Imports a model that was trained elsewhere, and prints its inputs and how it is served. */
export async function importModel(
  imports: ImportService,
  name: string,
  { json, charset, delimiter, decimal, ...order }: ImportOptions,
): Promise<void> {
  const reading = defined({ charset, delimiter, decimal });
  const imported = await imports.import({ name, ...order, reading });
  const { fallback } = imported.card;
  if (fallback !== undefined) warnOfFallback(name, fallback);
  if (json) printJson(imported);
  else describe(imported);
}

function describe({ model, version, inputs, card, remarks, example }: Imported): void {
  for (const remark of remarks) print(`data: ${remark}`);
  for (const { input, shape, takes } of inputs) print(`input ${input} [${shape}] takes ${takes}`);
  if (card.parity) {
    const { rows, source } = card.parity;
    print(`${describeParity(card.parity)}, over ${format(rows)} rows (${source})`);
  }
  if (card.metrics && card.data) {
    print(`\n${metricsTable({ [model]: card.metrics.test })}`);
    print(`on ${format(card.data.testRows)} test rows of ${card.data.source}\n`);
  }
  print(`version ${version} is the champion: npm start serves it at /models/${model}/predictions`);
  print(`an instance:\n${abbreviate(JSON.stringify(example))}`);
}

function abbreviate(text: string): string {
  return text.length > 500 ? `${text.slice(0, 500)}...` : text;
}
