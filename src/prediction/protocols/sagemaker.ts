import { CsvWriter } from '../../datasets/csv/writer.js';
import { serialisePrediction, serialisePredictions } from '../serialise.js';
import type { Predictions } from '../service.js';

/** Content type of rows without a header, as SageMaker sends CSV. */
export const CSV_TYPE = 'text/csv';
/** Content types of one JSON object a line. */
export const JSON_LINES_TYPES = [
  'application/jsonlines',
  'application/jsonl',
  'application/x-jsonlines',
  'application/x-ndjson',
] as const;

/** The content type and the body of an answer: what `accept` asks for, JSON by default. */
export function encodePredictions(
  answered: Predictions,
  accept: string | undefined,
): { type: string; body: string } {
  const accepted = (accept ?? '').split(',').map((each) => each.split(';', 1)[0]!.trim());
  for (const type of accepted) {
    if (type === CSV_TYPE) return { type: 'text/csv; charset=utf-8', body: toCsv(answered) };
    if ((JSON_LINES_TYPES as readonly string[]).includes(type))
      return { type, body: `${answered.predictions.map(serialisePrediction).join('\n')}\n` };
  }
  return { type: 'application/json; charset=utf-8', body: serialisePredictions(answered) };
}

/** One line a prediction, without a header: the value, or the label and the probability of each class. */
function toCsv({ predictions }: Predictions): string {
  const writer = new CsvWriter();
  for (const { value, label, probabilities } of predictions) {
    if (label === undefined) writer.number(value!);
    else {
      writer.text(label);
      for (const probability of Object.values(probabilities!)) writer.number(probability);
    }
    writer.endRow();
  }
  return Buffer.from(writer.take()).toString();
}
