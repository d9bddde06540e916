import type { FastifyInstance, FastifySchemaValidationError, FastifyServerOptions } from 'fastify';
import type { TSchema } from 'typebox';
import { Check, Errors } from 'typebox/value';

type SchemaController = NonNullable<FastifyServerOptions['schemaController']>;
type Compilers = NonNullable<SchemaController['compilersFactory']>;
type ValidatorCompiler = Parameters<FastifyInstance['setValidatorCompiler']>[0];

/** Validations after which a schema is compiled. */
const WARM = 100;

/** What a client sends is taken as it is or refused: nothing is converted or dropped silently. */
const compileValidator: ValidatorCompiler = (route) => {
  const schema = route.schema as TSchema;
  const check = warmingCheck(schema);
  const read = route.httpPart === 'querystring' ? numberReader(schema) : (given: unknown) => given;
  const limits = limitsOf(schema);
  return (given: unknown) => {
    const value = read(given);
    for (const limit of limits)
      if (isLonger(value, limit)) return { error: [tooLong(limit)] as never };
    return check(value) ? { value } : { error: Errors(schema, value) as never };
  };
};

/** How long a list may be that is the value of a field. */
interface Limit {
  field: string;
  limit: number;
}

/** A list that is too long is not looked into: that could take longer than all other requests together. */
function limitsOf(schema: TSchema): Limit[] {
  const { properties = {} } = schema as { properties?: Record<string, { maxItems?: number }> };
  return Object.entries(properties).flatMap(([field, { maxItems }]) =>
    maxItems === undefined ? [] : [{ field, limit: maxItems }],
  );
}

function isLonger(value: unknown, { field, limit }: Limit): boolean {
  const list = (Object(value) as Record<string, unknown>)[field];
  return Array.isArray(list) && list.length > limit;
}

function tooLong({ field, limit }: Limit): FastifySchemaValidationError {
  return {
    instancePath: `/${field}`,
    keyword: 'maxItems',
    schemaPath: `#/properties/${field}/maxItems`,
    params: { limit },
    message: `must not have more than ${limit} items`,
  };
}

/** A query has nothing but text: its whole numbers are read from that. */
function numberReader(schema: TSchema): (query: unknown) => unknown {
  const { properties = {} } = schema as { properties?: Record<string, { type?: string }> };
  const numbers = Object.keys(properties).filter((name) => properties[name]!.type === 'integer');
  return (query) => {
    const read = { ...(query as Record<string, unknown>) };
    for (const name of numbers) {
      const text = read[name];
      if (typeof text === 'string' && /^\d{1,15}$/.test(text)) read[name] = Number(text);
    }
    return read;
  };
}

/**
 * Walks the schema for the first values, and checks with compiled code once it is clear that there are
 * many: walking takes microseconds each time, compiling tens of milliseconds once.
 */
function warmingCheck(schema: TSchema): (value: unknown) => boolean {
  let check = (value: unknown): boolean => Check(schema, value);
  let checked = 0;
  return (value) => {
    if (++checked === WARM) {
      import('typebox/compile').then(
        ({ Compile }) => {
          const compiled = Compile(schema);
          check = (later) => compiled.Check(later);
        },
        // Then walking has to do.
        () => undefined,
      );
    }
    return check(value);
  };
}

/**
 * How Fastify checks requests and writes answers. Its own compilers turn each schema to code at every
 * start, which takes longer than all the rest of a cold start.
 */
export const compilersFactory = {
  buildValidator: () => compileValidator,
  buildSerializer: () => () => JSON.stringify,
} as unknown as Compilers;
