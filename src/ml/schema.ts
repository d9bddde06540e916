import type { Feature, Spec } from './spec.js';

/** A JSON Schema, as far as instances need one. */
export type JsonSchema = Record<string, unknown>;

/** The JSON Schema of a model's instances; accepts what the InstanceReader accepts. */
export function instanceSchema(spec: Spec): JsonSchema {
  return {
    type: 'object',
    additionalProperties: false,
    required: spec.features.map((feature) => feature.name),
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
      return { ...number, ...described };
    }
    case 'category':
      return { type: 'string', enum: feature.categories, ...described };
    case 'datetime':
      return {
        type: 'string',
        description: feature.description ?? 'An ISO 8601 date, or date and time.',
      };
  }
}
