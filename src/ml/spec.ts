import type { Static } from 'typebox';
import * as Type from 'typebox';
import { EncodingStep } from './spec/encoding.js';
import { described, Feature, type ImageFeature, numberWriting, slotsOf } from './spec/features.js';
import { Hyperparameters, Network } from './spec/network.js';

export * from './spec/encoding.js';
export * from './spec/features.js';
export * from './spec/network.js';

const strict = { additionalProperties: false } as const;

export const ModelName = Type.String({
  pattern: '^[a-z][a-z0-9-]{0,62}$',
  description: 'Lower-case letters, digits and hyphens, beginning with a letter.',
});

/** The prediction target: a number, or one of `classes`. */
export const Target = Type.Object(
  {
    ...described,
    ...numberWriting,
    transform: Type.Optional(Type.Literal('log')),
    classes: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), { minItems: 2, uniqueItems: true }),
    ),
    above: Type.Optional(
      Type.Number({
        description:
          'The data has a number: above this one a row is of the second class, else of the first.',
      }),
    ),
    soft: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        description:
          'Makes the class in training the surer the farther the number is from `above`, in units of this.',
      }),
    ),
    blank: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'The class, or the number, that a blank means.',
      }),
    ),
    optional: Type.Optional(
      Type.Boolean({ description: 'Whether rows may have no target; those are left out.' }),
    ),
  },
  strict,
);

/** The specification of a model. Validation, encoding, OpenAPI and the command line derive from it. */
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

/** A spec with network and hyperparameters, which a model that was trained elsewhere does not need. */
export const TrainableSpec = Type.Object(
  { ...Spec.properties, network: Network, hyperparameters: Hyperparameters },
  strict,
);

export type Target = Static<typeof Target>;
export type Spec = Static<typeof Spec>;
export type TrainableSpec = Static<typeof TrainableSpec>;

/** The part of a spec that rows of data are read by. */
export type RowSpec = Pick<Spec, 'task' | 'features' | 'target'>;

/** Returns the offset of each feature's numbers among those of an instance, and their total. */
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

/** Returns whether rows without a target are left out; else they are invalid. */
export function mayLackTarget({ target }: Pick<Spec, 'target'>): boolean {
  return target.optional === true || (target.missing ?? target.otherText) !== undefined;
}

/** Returns the classes of a classification; none for a regression. */
export function classesOf(spec: Pick<Spec, 'target'>): readonly string[] {
  return spec.target.classes ?? [];
}

/** Returns the image feature of a spec, if it has one. */
export function imageFeatureOf({ features }: Pick<Spec, 'features'>): ImageFeature | undefined {
  return features.find((feature): feature is ImageFeature => feature.kind === 'image');
}

/** Returns whether an instance is only an image. */
export function isImageModel(spec: Pick<Spec, 'features'>): boolean {
  return spec.features.length === 1 && imageFeatureOf(spec) !== undefined;
}
