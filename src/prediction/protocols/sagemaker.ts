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

/** Most requests and answers are JSON: the first does not wait until CSV can be read and written. */
export const readersOfRows = () => import('./rows.js');

/** The content type and the body of an answer: what `accept` asks for, JSON by default. */
export async function encodePredictions(
  answered: Predictions,
  accept: string | undefined,
): Promise<{ type: string; body: string }> {
  const accepted = (accept ?? '').split(',').map((each) => each.split(';', 1)[0]!.trim());
  for (const type of accepted) {
    if (type === CSV_TYPE) {
      const { encodeCsv } = await readersOfRows();
      return { type: 'text/csv; charset=utf-8', body: encodeCsv(answered) };
    }
    if ((JSON_LINES_TYPES as readonly string[]).includes(type))
      return { type, body: `${answered.predictions.map(serialisePrediction).join('\n')}\n` };
  }
  return { type: 'application/json; charset=utf-8', body: serialisePredictions(answered) };
}
