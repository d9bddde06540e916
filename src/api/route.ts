import type { FastifyContextConfig, FastifySchema } from 'fastify';
import type { TSchema } from 'typebox';
import type { Scope } from './policy.js';
import { problemResponses } from './problem.js';

/** Returns the service of the client that sent a request: each client has its own resources. */
export type ForRequest<Service> = (request: object) => Service;

/** Schemas of the parts of a request, and the policy besides the scopes. */
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
