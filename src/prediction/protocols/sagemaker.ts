import { serialisePrediction, serialisePredictions } from '../serialise.js';
import type { Predictions } from '../service.js';

/** Content type of rows without a header, as SageMaker sends CSV. */
export const CSV_TYPE = 'text/csv';
/** Content types of one JSON object per line. */
export const JSON_LINES_TYPES = [
  'application/jsonlines',
  'application/jsonl',
  'application/x-jsonlines',
  'application/x-ndjson',
] as const;

/** Loads the codec of rows on first use, since most requests and answers are JSON. */
export const readersOfRows = () => import('./rows.js');

/** Encodes an answer in the first content type of `accept` that is supported, JSON by default. */
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
