import type { FastifyInstance } from 'fastify';
import * as Type from 'typebox';
import { routesOf } from '../api/route.js';
import { LapidaryError } from '../core/errors.js';
import type { ServingService } from '../serving/service.js';

const Live = Type.Object({ status: Type.Literal('live') });
const Ready = Type.Object({
  status: Type.Literal('ready'),
  models: Type.Record(Type.String(), Type.String(), {
    description: 'The version that serves, by model.',
  }),
  degraded: Type.Optional(
    Type.Array(
      Type.Object({
        model: Type.String(),
        alias: Type.String(),
        version: Type.Optional(Type.String({ description: 'The version that cannot be served.' })),
        reason: Type.String(),
        serves: Type.Optional(Type.String({ description: 'The version that serves instead.' })),
      }),
      { description: 'Aliases whose version cannot be served.' },
    ),
  ),
});

const route = routesOf('health', 'open');
const CHECK = { config: { healthCheck: true } } as const;

/** Mounts the health checks: liveness and readiness. */
export function healthRoutes(
  app: FastifyInstance,
  registry: ServingService,
  loaded: () => Promise<void> = async () => {},
): void {
  app.get(
    '/health/live',
    route('live', 'Check that the process is alive', { 200: Live }, [], CHECK),
    async () => ({ status: 'live' as const }),
  );

  app.get(
    '/health/ready',
    route(
      'ready',
      'Check readiness, and list the versions that serve',
      { 200: Ready },
      [503],
      CHECK,
    ),
    async () => {
      await loaded().catch((cause) => {
        const detail = 'some modules could not be loaded: restart the server';
        throw new LapidaryError('not_ready', detail, [], { cause });
      });
      const served = await registry.loadAll();
      if (served.length === 0) throw new LapidaryError('not_ready', 'no model can be served yet');
      const models = Object.fromEntries(
        served.map(({ version }) => [version.spec.name, version.id]),
      );
      const degraded = registry.degraded();
      return { status: 'ready' as const, models, ...(degraded.length > 0 && { degraded }) };
    },
  );
}
