import type { FastifyInstance, FastifyServerOptions } from 'fastify';
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
  return (value: unknown) => (check(value) ? { value } : { error: Errors(schema, value) as never });
};

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
