import type { Static } from 'typebox';
import * as Type from 'typebox';

const strict = { additionalProperties: false } as const;

/** A convolution with ReLU, without padding, and the pooling after it. */
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
      description: 'Number of networks that are averaged, each with another validation part.',
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
      description: 'Its maximum, after the warm-up, from which it falls to 0 along half a cosine.',
    }),
    warmup: Type.Number({
      minimum: 0,
      maximum: 0.5,
      description: 'Share of all steps in the warm-up.',
    }),
    beta2: Type.Number({
      minimum: 0,
      exclusiveMaximum: 1,
      description: "Adam's decay of squared gradients.",
    }),
    epsilon: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        description: "Adam's; default 1e-7. A large one protects weights that are seldom used.",
      }),
    ),
    averaging: Type.Number({
      minimum: 0,
      exclusiveMaximum: 1,
      description:
        'Decay of the moving average of the weights, which is the model; 0 takes the last weights.',
    }),
    validation: Type.Number({
      exclusiveMinimum: 0,
      maximum: 0.5,
      description: "Share of the training rows held out for a member's early stopping.",
    }),
    patience: Type.Integer({
      minimum: 1,
      maximum: 10_000,
      description: 'Epochs without improvement before a member stops.',
    }),
    weightDecay: Type.Optional(
      Type.Number({
        minimum: 0,
        description: 'Share of each weight that a step subtracts, times the learning rate.',
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
        { ...strict, description: 'Random variation of the image of a row in each epoch.' },
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
