import type { AnySchemaObject } from 'ajv';
import fc from 'fast-check';

/** The names that are there to be found, by the property or parameter that takes one. */
export type Names = (property: string) => readonly string[];

const LONGEST_ARRAY = 6;
const MOMENT = '2031-02-03T04:05:06.000Z';

/** What fits a schema; where a property takes a name, mostly one that there is. */
export function fitting(
  schema: AnySchemaObject,
  names: Names,
  property = '',
): fc.Arbitrary<unknown> {
  if (Array.isArray(schema.enum)) return fc.constantFrom(...(schema.enum as unknown[]));
  if ('const' in schema) return fc.constant(schema.const);
  const choices = (schema.anyOf ?? schema.oneOf) as AnySchemaObject[] | undefined;
  if (choices) return fc.oneof(...choices.map((choice) => fitting(choice, names, property)));
  const types = [schema.type ?? 'unknown'].flat() as string[];
  return fc.oneof(...types.map((type) => ofType(type, schema, names, property)));
}

function ofType(
  type: string,
  schema: AnySchemaObject,
  names: Names,
  property: string,
): fc.Arbitrary<unknown> {
  switch (type) {
    case 'object':
      return objectOf(schema, names);
    case 'array':
      return arrayOf(schema, names);
    case 'string':
      return textOf(schema, names(property));
    case 'integer':
      return fc.integer(boundsOf(schema));
    case 'number':
      return numberOf(schema);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function objectOf(schema: AnySchemaObject, names: Names): fc.Arbitrary<unknown> {
  const properties = (schema.properties ?? {}) as Record<string, AnySchemaObject>;
  const values = Object.entries(properties).map(
    ([name, value]) => [name, fitting(value, names, name)] as const,
  );
  const requiredKeys = ((schema.required ?? []) as string[]).filter((key) => key in properties);
  const record = fc.record(Object.fromEntries(values), { requiredKeys });
  const more = schema.additionalProperties ?? Object.values(schema.patternProperties ?? {})[0];
  if (values.length > 0 || typeof more !== 'object') return record;
  return fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fitting(more, names), { maxKeys: 4 });
}

function arrayOf(schema: AnySchemaObject, names: Names): fc.Arbitrary<unknown> {
  const minLength = (schema.minItems ?? 0) as number;
  const longest = Math.max(minLength, LONGEST_ARRAY);
  const maxLength = Math.min(schema.maxItems ?? longest, longest);
  const items = fitting(schema.items ?? {}, names);
  return schema.uniqueItems
    ? fc.uniqueArray(items, { minLength, maxLength })
    : fc.array(items, { minLength, maxLength });
}

function textOf(schema: AnySchemaObject, known: readonly string[]): fc.Arbitrary<string> {
  const free = freeTextOf(schema);
  if (known.length === 0) return free;
  return fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...known) },
    { weight: 1, arbitrary: free },
  );
}

function freeTextOf({ pattern, format, minLength, maxLength, description }: AnySchemaObject) {
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  if (format === 'date-time' || /ISO 8601/.test(description ?? '')) return fc.constant(MOMENT);
  return fc.string({ minLength: minLength ?? 0, maxLength: Math.min(maxLength ?? 20, 200) });
}

function numberOf(schema: AnySchemaObject): fc.Arbitrary<number> {
  const { min, max } = boundsOf(schema);
  const minExcluded = schema.exclusiveMinimum !== undefined;
  return fc.oneof(
    fc.double({ min, max, minExcluded, noNaN: true, noDefaultInfinity: true }),
    fc.integer({ min: Math.ceil(min) + (minExcluded ? 1 : 0), max: Math.floor(max) }),
  );
}

function boundsOf(schema: AnySchemaObject): { min: number; max: number } {
  const min = (schema.minimum ?? schema.exclusiveMinimum ?? -1000) as number;
  return { min, max: (schema.maximum ?? Math.max(1000, min + 1000)) as number };
}
