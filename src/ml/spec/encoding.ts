import type { Static } from 'typebox';
import * as Type from 'typebox';
import { FieldName } from './features.js';

const strict = { additionalProperties: false } as const;

const feature = FieldName;
const clip = Type.Optional(
  Type.Number({
    exclusiveMinimum: 0,
    description: 'Limit of the standardised value, in standard deviations.',
  }),
);

/** A step of encoding features as the network's inputs. Its constants are fitted to the training data. */
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
    {
      encode: Type.Literal('embedding'),
      feature,
      size: Type.Integer({ minimum: 1, maximum: 4096 }),
    },
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
          description: 'Number of waves in the period, from one on; default 1.',
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
        description: 'Category features, each with its own tiles in a shared table.',
      }),
      hours: Type.Number({
        exclusiveMinimum: 0,
        description: 'Length of a tile, whose learnt value is added to the output.',
      }),
    },
    strict,
  ),
  Type.Object({ encode: Type.Literal('missing'), feature }, strict),
  Type.Object({ encode: Type.Literal('pixels'), feature }, strict),
]);

export type EncodingStep = Static<typeof EncodingStep>;

/** Returns the features that a step reads. */
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
