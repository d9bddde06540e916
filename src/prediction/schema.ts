import { type Static, Type } from 'typebox';

/** The body of a prediction request. Instances are checked against the model's own spec. */
export const predictionRequest = (maxInstances: number) =>
  Type.Object(
    { instances: Type.Array(Type.Unknown(), { minItems: 1, maxItems: maxInstances }) },
    { additionalProperties: false },
  );
export type PredictionRequest = Static<ReturnType<typeof predictionRequest>>;

const Warning = Type.Object({
  field: Type.String(),
  code: Type.Union([Type.Literal('outside_training_range'), Type.Literal('missing_value')]),
  message: Type.String(),
});

export const PredictionResponse = Type.Object({
  model: Type.String(),
  version: Type.String(),
  predictions: Type.Array(
    Type.Object({
      id: Type.String({ description: 'UUID; an outcome that becomes known later names it.' }),
      value: Type.Number({ description: "In the unit of the model's target." }),
      warnings: Type.Optional(
        Type.Array(Warning, { description: 'Why the value deserves less trust than others.' }),
      ),
    }),
  ),
});
