import { takesNull } from './encoding/features.js';
import type { Feature, ImageFeature, Spec } from './spec.js';
import type { DateOrder } from './text/moment.js';

type JsonSchema = Record<string, unknown>;

/** Returns the JSON Schema of a model's instances, which accepts the same instances as InstanceReader. */
export function instanceSchema(spec: Spec): JsonSchema {
  return {
    type: 'object',
    additionalProperties: false,
    required: spec.features.filter((feature) => !takesNull(feature)).map(({ name }) => name),
    properties: Object.fromEntries(
      spec.features.map((feature) => [feature.name, featureSchema(feature)]),
    ),
  };
}

function featureSchema(feature: Feature): JsonSchema {
  const described = feature.description === undefined ? {} : { description: feature.description };
  switch (feature.kind) {
    case 'number': {
      const { minimum, maximum, missing } = feature;
      const number = {
        type: missing ? ['number', 'null'] : 'number',
        ...(minimum === undefined ? {} : { minimum }),
        ...(maximum === undefined ? {} : { maximum }),
      };
      const isOutside = (value: number | string) =>
        typeof value === 'string' || value < minimum! || value > maximum!;
      return missing?.some(isOutside)
        ? { anyOf: [number, { enum: missing }], ...described }
        : { ...number, ...described };
    }
    case 'category':
      return feature.unknown
        ? { type: ['string', 'null'], examples: feature.categories.slice(0, 5), ...described }
        : { type: 'string', enum: feature.categories, ...described };
    case 'datetime':
      return {
        type: takesNull(feature) ? ['string', 'null'] : 'string',
        // Each `format` would be narrower than the accepted texts.
        description: [feature.description, momentForms(feature.order)].filter(Boolean).join(' '),
        examples: ['2024-01-31T10:00:00Z', '2024-01-31'],
      };
    case 'image':
      return imageSchema(feature);
  }
}

/** Describes the texts that are accepted as a moment. @param order of day, month and year */
function momentForms(order: DateOrder = 'ymd'): string {
  const forms =
    'A date, or date and time, such as 2024-01-31, 2024-01-31T10:00:00Z, 2024/01/31 10:00 PM, 20240131, 31 Jan 2024 or 2024-W05; UTC without an offset.';
  if (order === 'ymd') return forms;
  return `${forms} 01/02/2024 has the ${order === 'dmy' ? 'day' : 'month'} first.`;
}

function imageSchema({ width, height, description }: ImageFeature): JsonSchema {
  const pixel = { type: 'number', minimum: 0, maximum: 255 };
  const exactly = (length: number) => ({ type: 'array', minItems: length, maxItems: length });
  return {
    description: description ?? 'Grey values from 0 (dark) to 255, or a PNG or JPEG in base64.',
    anyOf: [
      { ...exactly(height), items: { ...exactly(width), items: pixel } },
      { ...exactly(width * height), items: pixel },
      { type: 'string', contentEncoding: 'base64' },
    ],
  };
}
