import { type Static, Type } from 'typebox';

const strict = { additionalProperties: false } as const;
/** Characters that the name of a feature has at most. */
export const LONGEST_NAME = 128;
const FieldName = Type.String({ minLength: 1, maxLength: LONGEST_NAME });
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

/** One of a set of strings. Another one, an empty one and null are refused, or read as one more category, `unknown`. */
export const CategoryFeature = Type.Object(
  {
    ...described,
    kind: Type.Literal('category'),
    categories: Type.Array(Type.String(), { minItems: 1, uniqueItems: true }),
    unknown: Type.Optional(
      Type.Boolean({ description: 'Whether values that are no category are taken, as unknown.' }),
    ),
  },
  strict,
);

/** A moment, as an ISO 8601 string; without an offset it is read as UTC. */
export const DatetimeFeature = Type.Object(
  {
    ...described,
    kind: Type.Literal('datetime'),
    optional: Type.Optional(Type.Boolean({ description: 'Whether null is taken, as unknown.' })),
  },
  strict,
);

/** A grey picture of fixed size, bright on dark. */
export const ImageFeature = Type.Object(
  {
    ...described,
    kind: Type.Literal('image'),
    width: Type.Integer({ minimum: 1, maximum: 256 }),
    height: Type.Integer({ minimum: 1, maximum: 256 }),
  },
  strict,
);

export const Feature = Type.Union([NumberFeature, CategoryFeature, DatetimeFeature, ImageFeature]);

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
      harmonics: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: 16,
          description: 'Waves in the period, from one to so many; 1 when left out.',
        }),
      ),
    },
    strict,
  ),
  Type.Object(
    {
      encode: Type.Literal('tiles'),
      along: FieldName,
      by: Type.Array(FieldName, {
        maxItems: 4,
        description: 'Categories that each have tiles of their own; one table serves all of them.',
      }),
      hours: Type.Number({
        exclusiveMinimum: 0,
        description: 'Length of a tile. What is learnt of one adds to the output directly.',
      }),
    },
    strict,
  ),
  Type.Object({ encode: Type.Literal('missing'), feature }, strict),
  Type.Object({ encode: Type.Literal('pixels'), feature }, strict),
]);

/** A convolution with ReLU, of where its kernel fits in whole, and what shrinks the picture after it. */
const Convolution = Type.Object(
  {
    filters: Type.Integer({ minimum: 1, maximum: 512 }),
    kernel: Type.Integer({ minimum: 1, maximum: 11 }),
    pool: Type.Optional(
      Type.Integer({ minimum: 2, maximum: 8, description: 'Size and stride of a max pooling.' }),
    ),
  },
  strict,
);

export const Network = Type.Object(
  {
    convolutions: Type.Optional(
      Type.Array(Convolution, { maxItems: 16, description: 'Over the one image feature.' }),
    ),
    hidden: Type.Array(Type.Integer({ minimum: 1, maximum: 4096 }), { maxItems: 16 }),
    dropout: Type.Optional(
      Type.Number({
        minimum: 0,
        exclusiveMaximum: 1,
        description: 'Share of the inputs of each layer after the first that a step leaves out.',
      }),
    ),
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
    epsilon: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        description: "Adam's, 1e-7 when left out; a large one spares weights that are seldom used.",
      }),
    ),
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
    weightDecay: Type.Optional(
      Type.Number({
        minimum: 0,
        description: 'Share of each weight that a step takes away, times the learning rate.',
      }),
    ),
    augmentation: Type.Optional(
      Type.Object(
        {
          shift: Type.Number({ minimum: 0, description: 'Largest shift, in pixels.' }),
          rotate: Type.Number({
            minimum: 0,
            maximum: 180,
            description: 'Largest turn, in degrees.',
          }),
          scale: Type.Number({
            minimum: 0,
            maximum: 0.5,
            description: 'Largest share of growth or shrinking, of width and height each.',
          }),
          shear: Type.Optional(
            Type.Number({ minimum: 0, maximum: 1, description: 'Largest slant.' }),
          ),
          elastic: Type.Optional(
            Type.Number({
              minimum: 0,
              description: 'Deviation of smooth random displacements, in pixels.',
            }),
          ),
        },
        { ...strict, description: 'How training varies the image of a row, each time it is seen.' },
      ),
    ),
    loss: Type.Union([
      Type.Literal('meanAbsoluteError'),
      Type.Literal('meanSquaredError'),
      Type.Literal('crossEntropy'),
    ]),
    seed: Type.Integer({ minimum: 0 }),
  },
  strict,
);

/** What is predicted: a number, or one of `classes`. */
export const Target = Type.Object(
  {
    ...described,
    unit: Type.Optional(Type.String()),
    transform: Type.Optional(Type.Literal('log')),
    classes: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), { minItems: 2, uniqueItems: true }),
    ),
    above: Type.Optional(
      Type.Number({
        description:
          'The data has a number; above this it is of the second class, else of the first.',
      }),
    ),
    soft: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        description:
          'Training takes how far the number is from `above`, in units of this, for how sure the class is.',
      }),
    ),
    optional: Type.Optional(
      Type.Boolean({ description: 'Whether rows of the data may lack it; those are left out.' }),
    ),
  },
  strict,
);

/** What a model is. Validation, encoding, OpenAPI and the command line all derive from it. */
export const Spec = Type.Object(
  {
    name: ModelName,
    title: Type.String(),
    description: Type.String(),
    task: Type.Union([Type.Literal('regression'), Type.Literal('classification')]),
    features: Type.Array(Feature, { minItems: 1 }),
    target: Target,
    encoding: Type.Array(EncodingStep, { minItems: 1 }),
    network: Type.Optional(Network),
    hyperparameters: Type.Optional(Hyperparameters),
  },
  strict,
);

/** A spec that can be trained: it says how. A model that was trained elsewhere may do without. */
export const TrainableSpec = Type.Object(
  { ...Spec.properties, network: Network, hyperparameters: Hyperparameters },
  strict,
);

export type NumberFeature = Static<typeof NumberFeature>;
export type CategoryFeature = Static<typeof CategoryFeature>;
export type DatetimeFeature = Static<typeof DatetimeFeature>;
export type ImageFeature = Static<typeof ImageFeature>;
export type Feature = Static<typeof Feature>;
export type EncodingStep = Static<typeof EncodingStep>;
export type Convolution = Static<typeof Convolution>;
export type Network = Static<typeof Network>;
export type Hyperparameters = Static<typeof Hyperparameters>;
export type Target = Static<typeof Target>;
export type Spec = Static<typeof Spec>;
export type TrainableSpec = Static<typeof TrainableSpec>;

/** The features that a step reads. */
export function featuresOf(step: EncodingStep): string[] {
  switch (step.encode) {
    case 'log':
      return Object.keys(step.powers);
    case 'tiles':
      return [step.along, ...step.by];
    default:
      return [step.feature];
  }
}

/** How many numbers a value of a feature is read to. */
export function slotsOf(feature: Feature): number {
  return feature.kind === 'image' ? feature.width * feature.height : 1;
}

/** Where each feature's numbers begin among those of an instance, and how many there are in all. */
export function layoutOf(spec: Pick<Spec, 'features'>): {
  offsets: Map<string, number>;
  size: number;
} {
  const offsets = new Map<string, number>();
  let size = 0;
  for (const feature of spec.features) {
    offsets.set(feature.name, size);
    size += slotsOf(feature);
  }
  return { offsets, size };
}

/** The classes of a classification; none of a regression. */
export function classesOf(spec: Pick<Spec, 'target'>): readonly string[] {
  return spec.target.classes ?? [];
}
