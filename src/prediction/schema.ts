import type { Static } from 'typebox';
import * as Type from 'typebox';

/** The body of a prediction request. Instances are checked against the model's own spec. */
export const predictionRequest = (maxInstances: number) =>
  Type.Object(
    { instances: Type.Array(Type.Unknown(), { minItems: 1, maxItems: maxInstances }) },
    { additionalProperties: false },
  );
export type PredictionRequest = Static<ReturnType<typeof predictionRequest>>;

/** Content types of a body that is one image: an encoded one, or its pixels. */
export const IMAGE_TYPES = [
  'image/png',
  'image/jpeg',
  'image/jpg',
  'application/octet-stream',
] as const;

/** The decoder checks the bytes. */
export const ImageBody = Type.Unsafe<Uint8Array>({
  description: 'One image, for a model whose only feature is an image; octets are its pixels.',
});

const Warning = Type.Object({
  field: Type.String(),
  code: Type.Union([
    Type.Literal('outside_training_range'),
    Type.Literal('missing_value'),
    Type.Literal('unknown_category'),
    Type.Literal('pixels_zero_to_one'),
  ]),
  message: Type.String(),
});

export const PredictionResponse = Type.Object({
  model: Type.String(),
  version: Type.String({ description: 'The version that answered: champion or challenger.' }),
  predictions: Type.Array(
    Type.Object({
      id: Type.String({ description: 'UUID; a later outcome refers to it.' }),
      value: Type.Optional(
        Type.Number({ description: "Of a regression, in the unit of the model's target." }),
      ),
      label: Type.Optional(
        Type.String({ description: 'Of a classification, the most probable class.' }),
      ),
      probabilities: Type.Optional(
        Type.Record(Type.String(), Type.Number(), {
          description: 'Of a classification, the probability of each class.',
        }),
      ),
      warnings: Type.Optional(
        Type.Array(Warning, { description: 'Reasons for less trust in the value.' }),
      ),
    }),
  ),
});
