import type { Static } from 'typebox';
import * as Type from 'typebox';

/** Maximum length of a feature's name. */
export const LONGEST_NAME = 128;
export const FieldName = Type.String({ minLength: 1, maxLength: LONGEST_NAME });

const strict = { additionalProperties: false } as const;
export const described = { name: FieldName, description: Type.Optional(Type.String()) };

const Words = Type.Array(Type.String({ minLength: 1 }), {
  description: 'Words that mean unknown, beside blank, NA and the like.',
});
const Sentinels = Type.Array(Type.Union([Type.Number(), Type.String({ minLength: 1 })]), {
  description: 'Numbers and words that mean unknown, beside null, blank, NA and the like.',
});
const Decimal = Type.Union([Type.Literal('point'), Type.Literal('comma')], {
  description: 'Decimal mark of ambiguous text; default: point.',
});

const OtherText = Type.Literal('missing', {
  description: 'Counts all other text as unknown, which is refused by default.',
});

/** The format of the numbers of a feature or target. */
export const numberWriting = {
  unit: Type.Optional(Type.String()),
  decimal: Type.Optional(Decimal),
  missing: Type.Optional(Sentinels),
  otherText: Type.Optional(OtherText),
};

/** A number from `minimum` to `maximum`; others are refused. Those in `missing` count as unknown. */
export const NumberFeature = Type.Object(
  {
    ...described,
    kind: Type.Literal('number'),
    ...numberWriting,
    minimum: Type.Optional(Type.Number()),
    maximum: Type.Optional(Type.Number()),
  },
  strict,
);

/** One of a set of strings. Others, empty strings and null are refused, or are a further category, `unknown`. */
export const CategoryFeature = Type.Object(
  {
    ...described,
    kind: Type.Literal('category'),
    categories: Type.Array(Type.String(), { minItems: 1, uniqueItems: true }),
    unknown: Type.Optional(
      Type.Boolean({ description: 'Whether other values than the categories count as unknown.' }),
    ),
    missing: Type.Optional(Words),
  },
  strict,
);

/** A moment in ISO 8601 or another common format; in UTC without an offset. */
export const DatetimeFeature = Type.Object(
  {
    ...described,
    kind: Type.Literal('datetime'),
    optional: Type.Optional(Type.Boolean({ description: 'Whether null counts as unknown.' })),
    missing: Type.Optional(Words),
    otherText: Type.Optional(OtherText),
    order: Type.Optional(
      Type.Union([Type.Literal('dmy'), Type.Literal('mdy'), Type.Literal('ymd')], {
        description: 'Order of day, month and year in dates such as 01/02/03.',
      }),
    ),
  },
  strict,
);

/** A grey image of fixed size, bright on dark. */
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

export type NumberFeature = Static<typeof NumberFeature>;
export type CategoryFeature = Static<typeof CategoryFeature>;
export type DatetimeFeature = Static<typeof DatetimeFeature>;
export type ImageFeature = Static<typeof ImageFeature>;
export type Feature = Static<typeof Feature>;

/** Returns the count of numbers of a feature's value. */
export function slotsOf(feature: Feature): number {
  return feature.kind === 'image' ? feature.width * feature.height : 1;
}
