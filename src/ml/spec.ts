import { type Static, Type } from 'typebox';

const strict = { additionalProperties: false } as const;
const FieldName = Type.String({ minLength: 1, maxLength: 128 });
export const ModelName = Type.String({
  pattern: '^[a-z][a-z0-9-]{0,62}$',
  description: 'Lower-case letters, digits and hyphens, beginning with a letter.',
});

const described = { name: FieldName, description: Type.Optional(Type.String()) };

/** A number. What lies outside `minimum` to `maximum` is refused; what equals one of `missing` counts as unknown. */
export const NumberFeature = Type.Object(
  {
    ...described,
    kind: Type.Literal('number'),
    unit: Type.Optional(Type.String()),
    minimum: Type.Optional(Type.Number()),
    maximum: Type.Optional(Type.Number()),
    missing: Type.Optional(Type.Array(Type.Number())),
  },
  strict,
);

/** One of a fixed set of strings. */
export const CategoryFeature = Type.Object(
  {
    ...described,
    kind: Type.Literal('category'),
    categories: Type.Array(Type.String(), { minItems: 1, uniqueItems: true }),
  },
  strict,
);

/** A moment, as an ISO 8601 string; without an offset it is read as UTC. */
export const DatetimeFeature = Type.Object(
  { ...described, kind: Type.Literal('datetime') },
  strict,
);

export const Feature = Type.Union([NumberFeature, CategoryFeature, DatetimeFeature]);

const feature = FieldName;
const clip = Type.Optional(
  Type.Number({ exclusiveMinimum: 0, description: 'Bound of the standardised value, in sigmas.' }),
);

/** How features become the network's inputs. What a step has to learn from the data, it is fitted to. */
export const EncodingStep = Type.Union([
  Type.Object({ encode: Type.Literal('standard'), feature, clip }, strict),
  Type.Object(
    {
      encode: Type.Literal('log'),
      powers: Type.Record(FieldName, Type.Number(), {
        minProperties: 1,
        description: 'Features and their exponents: the logarithm of the product, standardised.',
      }),
      clip,
    },
    strict,
  ),
  Type.Object(
    {
      encode: Type.Literal('piecewise'),
      feature,
      knots: Type.Array(Type.Number(), { minItems: 2 }),
    },
    strict,
  ),
  Type.Object({ encode: Type.Literal('oneHot'), feature }, strict),
  Type.Object(
    { encode: Type.Literal('embedding'), feature, size: Type.Integer({ minimum: 1 }) },
    strict,
  ),
  Type.Object(
    {
      encode: Type.Literal('cyclic'),
      feature,
      period: Type.Union([Type.Literal('day'), Type.Literal('week'), Type.Literal('year')]),
    },
    strict,
  ),
]);

export const Network = Type.Object(
  {
    hidden: Type.Array(Type.Integer({ minimum: 1, maximum: 4096 }), { maxItems: 16 }),
    activation: Type.Union([Type.Literal('relu'), Type.Literal('swish'), Type.Literal('tanh')]),
    members: Type.Integer({
      minimum: 1,
      maximum: 16,
      description:
        'Networks trained side by side, each with another validation part, and averaged.',
    }),
  },
  strict,
);

export const Hyperparameters = Type.Object(
  {
    epochs: Type.Integer({ minimum: 1 }),
    batchSize: Type.Integer({ minimum: 1 }),
    learningRate: Type.Number({
      exclusiveMinimum: 0,
      description:
        'The highest; it rises to it during the warm-up and falls to 0 along half a cosine.',
    }),
    warmup: Type.Number({
      minimum: 0,
      maximum: 0.5,
      description: 'Share of all steps that warm up.',
    }),
    beta2: Type.Number({
      minimum: 0,
      exclusiveMaximum: 1,
      description: "Adam's decay of squared gradients.",
    }),
    averaging: Type.Number({
      minimum: 0,
      exclusiveMaximum: 1,
      description:
        'Decay of the moving average of the weights that is kept as the model; 0 keeps the last.',
    }),
    validation: Type.Number({
      exclusiveMinimum: 0,
      maximum: 0.5,
      description: 'Share of the training rows that a member does not see and is stopped by.',
    }),
    patience: Type.Integer({
      minimum: 1,
      description: 'Epochs without improvement before a member stops.',
    }),
    loss: Type.Union([Type.Literal('meanAbsoluteError'), Type.Literal('meanSquaredError')]),
    seed: Type.Integer({ minimum: 0 }),
  },
  strict,
);

export const Target = Type.Object(
  {
    ...described,
    unit: Type.Optional(Type.String()),
    transform: Type.Optional(Type.Literal('log')),
  },
  strict,
);

/** What a model is. Validation, encoding, OpenAPI and the command line all derive from it. */
export const Spec = Type.Object(
  {
    name: ModelName,
    title: Type.String(),
    description: Type.String(),
    task: Type.Literal('regression'),
    features: Type.Array(Feature, { minItems: 1 }),
    target: Target,
    encoding: Type.Array(EncodingStep, { minItems: 1 }),
    network: Network,
    hyperparameters: Hyperparameters,
  },
  strict,
);

export type NumberFeature = Static<typeof NumberFeature>;
export type CategoryFeature = Static<typeof CategoryFeature>;
export type DatetimeFeature = Static<typeof DatetimeFeature>;
export type Feature = Static<typeof Feature>;
export type EncodingStep = Static<typeof EncodingStep>;
export type Network = Static<typeof Network>;
export type Hyperparameters = Static<typeof Hyperparameters>;
export type Target = Static<typeof Target>;
export type Spec = Static<typeof Spec>;

/** The features that a step reads. */
export function featuresOf(step: EncodingStep): string[] {
  return step.encode === 'log' ? Object.keys(step.powers) : [step.feature];
}
