import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { problemResponses } from '../api/problem.js';
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

/** Mounts the health checks: liveness and readiness. */
export function healthRoutes(
  app: FastifyInstance,
  registry: ServingService,
  loaded: () => Promise<void> = async () => {},
): void {
  app.get(
    '/health/live',
    {
      config: { access: 'open', healthCheck: true },
      schema: {
        operationId: 'live',
        summary: 'Check that the process is alive',
        tags: ['health'],
        response: { 200: Live },
      },
    },
    async () => ({ status: 'live' as const }),
  );

  app.get(
    '/health/ready',
    {
      config: { access: 'open', healthCheck: true },
      schema: {
        operationId: 'ready',
        summary: 'Check readiness, and list the versions that serve',
        tags: ['health'],
        response: { 200: Ready, ...problemResponses(503) },
      },
    },
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
