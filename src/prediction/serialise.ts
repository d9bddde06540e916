import type { Prediction, Predictions } from './service.js';

/** The JSON of an answer. Put together by hand, the common case takes a fraction of what JSON.stringify does. */
export function serialisePredictions({ model, version, predictions }: Predictions): string {
  let json = `{"model":${JSON.stringify(model)},"version":${JSON.stringify(version)},"predictions":[`;
  for (let i = 0; i < predictions.length; i++) {
    if (i > 0) json += ',';
    json += serialisePrediction(predictions[i]!);
  }
  return `${json}]}`;
}

/** The JSON of one prediction. */
export function serialisePrediction(prediction: Prediction): string {
  const { id, value, warnings } = prediction;
  // An id needs no escapes. What JSON has no number for is left to JSON.stringify.
  return value !== undefined && Number.isFinite(value) && warnings === undefined
    ? `{"id":"${id}","value":${value}}`
    : JSON.stringify(prediction);
}
