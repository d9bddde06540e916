import type { FastifyContextConfig, RouteOptions } from 'fastify';
import pino from 'pino';
import { operationOf } from '../../src/api/policy.js';
import { documentationRoutes } from '../../src/http/docs/routes.js';
import { createFastify } from '../../src/http/fastify.js';
import { type ApiDependencies, mountRoutes } from '../../src/http/routes.js';

/** A route with its policy. */
export interface RoutePolicy {
  method: string;
  path: string;
  operation: string | undefined;
  policy: FastifyContextConfig;
}

/** Returns every optional and required route of the API, with those of SageMaker's protocol. */
export async function policiesOf(dependencies: ApiDependencies): Promise<RoutePolicy[]> {
  const app = createFastify(pino({ level: 'silent' }), 1);
  const routes: RouteOptions[] = [];
  app.addHook('onRoute', (route) => void routes.push(route));
  const { guard: _, ...unguarded } = dependencies;
  mountRoutes(app, { ...unguarded, invocationsModel: 'diamonds' });
  documentationRoutes(app, dependencies);
  await app.ready();
  await app.close();
  return routes
    .filter(({ method }) => method !== 'HEAD')
    .map((route) => ({
      method: String(route.method),
      path: route.url,
      operation: operationOf(route),
      policy: route.config!,
    }));
}

/** Returns the scopes that operations require, by operation. */
export async function scopesByOperation(dependencies: ApiDependencies) {
  const policies = await policiesOf(dependencies);
  return new Map(policies.map(({ operation, policy }) => [operation, policy.access]));
}

/** Prints the policy of each route, one a line, by path. */
export function printPolicies(policies: readonly RoutePolicy[]): string {
  const sorted = [...policies].sort((a, b) => (order(a) < order(b) ? -1 : 1));
  const lines = sorted.map(({ method, path, policy }) => {
    const { access, accessToBody, meters, streams, untimed, readOnly, healthCheck } = policy;
    const isByBody = accessToBody !== undefined || undefined;
    const more = { accessToBody: isByBody, meters, streams, untimed, readOnly, healthCheck };
    const shown = Object.entries(more).flatMap(([name, value]) =>
      value === undefined ? [] : [value === true ? name : `${name}=${value}`],
    );
    return [method, path, access === 'open' ? 'open' : access.join('|'), ...shown].join(' ');
  });
  return lines.join('\n');
}

const order = ({ path, method }: RoutePolicy) => `${path} ${method}`;
