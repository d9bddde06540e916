import type { FastifyInstance, FastifySchemaValidationError, FastifyServerOptions } from 'fastify';
import type { TSchema } from 'typebox';
import { Check, Errors } from 'typebox/value';

type SchemaController = NonNullable<FastifyServerOptions['schemaController']>;
type Compilers = NonNullable<SchemaController['compilersFactory']>;
type ValidatorCompiler = Parameters<FastifyInstance['setValidatorCompiler']>[0];

/** Validations after which a schema is compiled. */
const WARM = 100;

/** Accepts or refuses what a client sends, without converting or dropping anything silently. */
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

/** Longest list that a field accepts. */
interface Limit {
  field: string;
  limit: number;
}

/** Returns the limits of lists. A longer list is refused unread: validating it could take longer than all other requests. */
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

/** Returns a function that parses the integers of a query, which arrive as text. */
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
 * Returns a check that interprets the schema at first, and compiles it for a busy route: interpreting takes
 * microseconds each time, compiling tens of milliseconds once.
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
        // Keep interpreting.
        () => undefined,
      );
    }
    return check(value);
  };
}

/**
 * Compilers with which Fastify validates requests and serialises answers. Its own generate code for each schema at every
 * start, which takes longer than the rest of a cold start.
 */
export const compilersFactory = {
  buildValidator: () => compileValidator,
  buildSerializer: () => () => JSON.stringify,
} as unknown as Compilers;
