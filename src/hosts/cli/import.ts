import { describeParity, format, metricsTable } from '../../cards/index.js';
import type { Reading } from '../../rows/text/reading.js';
import type { Imported, ImportOrder, ImportService } from '../../training/index.js';
import { print, warnOfFallback } from './output.js';

/** What the options of the command are called, as far as they are not the order's own. */
export type ImportOptions = Omit<ImportOrder, 'name' | 'reading'> & Reading & { json?: true };

/** Imports a model that was trained elsewhere, and tells what it takes and how it is served. */
export async function importModel(
  imports: ImportService,
  name: string,
  { json, charset, delimiter, decimal, ...order }: ImportOptions,
): Promise<void> {
  const reading = {
    ...(charset !== undefined && { charset }),
    ...(delimiter !== undefined && { delimiter }),
    ...(decimal !== undefined && { decimal }),
  };
  const imported = await imports.import({ name, ...order, reading });
  const { fallback } = imported.card;
  if (fallback !== undefined) warnOfFallback(name, fallback);
  if (json) print(JSON.stringify(imported, null, 2));
  else describe(imported);
}

function describe({ model, version, inputs, card, remarks, example }: Imported): void {
  for (const remark of remarks) print(`the data: ${remark}`);
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
  print(`it takes instances such as\n${abbreviate(JSON.stringify(example))}`);
}

function abbreviate(text: string): string {
  return text.length > 500 ? `${text.slice(0, 500)}...` : text;
}
