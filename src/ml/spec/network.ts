import { type Static, Type } from 'typebox';

const strict = { additionalProperties: false } as const;

/** A convolution with ReLU and without padding, and the pooling after it. */
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
      Type.Array(Convolution, {
        maxItems: 16,
        description: 'Convolutions over the image feature.',
      }),
    ),
    hidden: Type.Array(Type.Integer({ minimum: 1, maximum: 4096 }), { maxItems: 16 }),
    dropout: Type.Optional(
      Type.Number({
        minimum: 0,
        exclusiveMaximum: 1,
        description: 'Share of the inputs of each layer after the first that a step drops.',
      }),
    ),
    activation: Type.Union([Type.Literal('relu'), Type.Literal('swish'), Type.Literal('tanh')]),
    members: Type.Integer({
      minimum: 1,
      maximum: 16,
      description: 'Number of networks, trained with different validation parts and averaged.',
    }),
  },
  strict,
);

export const Hyperparameters = Type.Object(
  {
    epochs: Type.Integer({ minimum: 1, maximum: 10_000 }),
    batchSize: Type.Integer({ minimum: 1, maximum: 65_536 }),
    learningRate: Type.Number({
      exclusiveMinimum: 0,
      description:
        'Highest learning rate: reached after the warm-up, then falling to 0 along half a cosine.',
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
        description:
          "Adam's epsilon, by default 1e-7; a large one protects weights that are rarely updated.",
      }),
    ),
    averaging: Type.Number({
      minimum: 0,
      exclusiveMaximum: 1,
      description:
        'Decay of the moving average of the weights, which becomes the model; 0 keeps the last weights.',
    }),
    validation: Type.Number({
      exclusiveMinimum: 0,
      maximum: 0.5,
      description:
        'Share of the training rows that a member does not train on and is validated by.',
    }),
    patience: Type.Integer({
      minimum: 1,
      maximum: 10_000,
      description: 'Epochs without improvement before a member stops.',
    }),
    weightDecay: Type.Optional(
      Type.Number({
        minimum: 0,
        description: 'Share of each weight that a step removes, times the learning rate.',
      }),
    ),
    augmentation: Type.Optional(
      Type.Object(
        {
          shift: Type.Number({
            minimum: 0,
            maximum: 256,
            description: 'Largest shift, in pixels.',
          }),
          rotate: Type.Number({
            minimum: 0,
            maximum: 180,
            description: 'Largest rotation, in degrees.',
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
              maximum: 256,
              description: 'Deviation of smooth random displacements, in pixels.',
            }),
          ),
        },
        { ...strict, description: 'Random changes of an image in each epoch of training.' },
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

export type Convolution = Static<typeof Convolution>;
export type Network = Static<typeof Network>;
export type Hyperparameters = Static<typeof Hyperparameters>;
