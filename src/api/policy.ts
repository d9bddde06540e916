import type { RouteOptions } from 'fastify';

/** Permissions of a key. */
export const SCOPES = ['predict', 'data', 'train', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

declare module 'fastify' {
  /** Policy of a route, declared with it. Guards read it once, when the route is mounted. */
  interface FastifyContextConfig {
    /** Scopes of which a key needs one; `open` needs no key, and must cost next to nothing. */
    access: 'open' | readonly Scope[];
    /** Returns a further scope that a body requires. */
    accessToBody?: (body: unknown) => Scope | undefined;
    /**
     * The usage that counts against the plan of the caller: predictions in the answer, stored bytes, or a job, which is
     * refused once its allowance is used up.
     */
    meters?: 'predictions' | 'storedBytes' | 'predictionJob' | 'trainingJob';
    /** `in`: reads its body as it arrives instead of holding it in memory; `out`: streams its answer. Neither is timed. */
    streams?: 'in' | 'out';
    /** Has no time limit: computes without a pause, or takes as long as it reads rows. */
    untimed?: true;
    /** Changes no data although its method is not GET. */
    readOnly?: true;
    /** Is answered even under overload. */
    healthCheck?: true;
  }
}

type Routed = Pick<RouteOptions, 'method' | 'config'>;

/** Decides whether a route changes data. */
export function isWriting({ method, config }: Routed): boolean {
  const reads = [method].flat().every((name) => name === 'GET' || name === 'HEAD');
  return !reads && !config?.readOnly;
}

/** Returns the name of a route in the documentation. */
export function operationOf({ schema }: { schema?: unknown }): string | undefined {
  return (schema as { operationId?: string } | undefined)?.operationId;
}
