import type { Prediction, Predictions } from './service.js';

/**
 * Returns the JSON of an answer, with all its fields. Concatenation takes a fraction of the time of JSON.stringify in the
 * common case.
 */
export function serialisePredictions(answered: Predictions): string {
  const { model, version, predictions } = answered;
  let json = `{"model":${JSON.stringify(model)},"version":${JSON.stringify(version)},`;
  for (const key in answered)
    if (key !== 'model' && key !== 'version' && key !== 'predictions')
      json += `${JSON.stringify(key)}:${JSON.stringify(answered[key as keyof Predictions])},`;
  json += '"predictions":[';
  for (let i = 0; i < predictions.length; i++) {
    if (i > 0) json += ',';
    json += serialisePrediction(predictions[i]!);
  }
  return `${json}]}`;
}

/** Returns the JSON of one prediction. */
export function serialisePrediction(prediction: Prediction): string {
  // An id needs no escapes. JSON.stringify handles values that are not finite.
  return isPlain(prediction) && Number.isFinite(prediction.value)
    ? `{"id":"${prediction.id}","value":${prediction.value}}`
    : JSON.stringify(prediction);
}

/** Decides whether a prediction has only an id and a value. */
function isPlain(prediction: Prediction): boolean {
  for (const key in prediction) if (key !== 'id' && key !== 'value') return false;
  return true;
}
