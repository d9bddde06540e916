import type { FastifyInstance, FastifyServerOptions } from 'fastify';
import type { TSchema } from 'typebox';
import { Check, Errors } from 'typebox/value';

type SchemaController = NonNullable<FastifyServerOptions['schemaController']>;
type Compilers = NonNullable<SchemaController['compilersFactory']>;
type ValidatorCompiler = Parameters<FastifyInstance['setValidatorCompiler']>[0];

/** What a client sends is taken as it is or refused: nothing is converted or dropped silently. */
const compileValidator: ValidatorCompiler = (route) => {
  const schema = route.schema as TSchema;
  return (value: unknown) =>
    Check(schema, value) ? { value } : { error: Errors(schema, value) as never };
};

/**
 * How Fastify checks requests and writes answers. Its own compilers turn each schema to code at every
 * start, which takes longer than all the rest of a cold start, to save less than a microsecond a request.
 */
export const compilersFactory = {
  buildValidator: () => compileValidator,
  buildSerializer: () => () => JSON.stringify,
} as unknown as Compilers;
