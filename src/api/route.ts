import type { FastifyContextConfig, FastifySchema } from 'fastify';
import type { TSchema } from 'typebox';
import type { Scope } from './policy.js';
import { problemResponses } from './problem.js';

/** What a route reads, and what its policy adds to the scopes. */
interface RouteParts extends Pick<FastifySchema, 'body' | 'querystring' | 'params' | 'headers'> {
  description?: string;
  config?: Omit<FastifyContextConfig, 'access'>;
}

/**
 * Returns a function that declares the routes of a tag: their policy and their schema.
 * @param access scopes of which a key needs one
 */
export function routesOf(tag: string, access: 'open' | readonly Scope[]) {
  /** @param answers schemas by status @param problems statuses of the route's own errors */
  return (
    operationId: string,
    summary: string,
    answers: Readonly<Record<number, object>>,
    problems: readonly number[],
    { config, ...parts }: RouteParts = {},
  ) => ({
    config: { access, ...config },
    schema: {
      operationId,
      summary,
      tags: [tag],
      ...parts,
      response: { ...answers, ...problemResponses(...problems) },
    },
  });
}

/** The answer to a removal. */
export const REMOVED = { type: 'null', description: 'Removed.' } as const;

/** Returns the schema of a JSON body that may be missing, and is validated when present. */
export const optionalBody = (schema: TSchema) => ({ content: { 'application/json': { schema } } });
