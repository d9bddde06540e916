import type { FastifyInstance } from 'fastify';
import { problemResponses } from '../core/problem.js';
import { AliasParams, MovedAlias, MoveRequest, RollbackRequest } from './version-schema.js';
import type { VersionService } from './versions.js';

const tags = ['versions'];

/** Mounts the routes that move aliases and remove versions. They do not ask who calls: mount them with care. */
export function adminRoutes(app: FastifyInstance, versions: VersionService): void {
  app.put<{ Params: AliasParams; Body: MoveRequest }>(
    '/models/:model/aliases/:alias',
    {
      schema: {
        operationId: 'moveAlias',
        summary: 'Point an alias to a version: champion is what serves',
        tags,
        params: AliasParams,
        body: MoveRequest,
        response: { 200: MovedAlias, ...problemResponses(400, 403, 404, 409, 503) },
      },
    },
    async ({ params: { model, alias }, body: { expected, ...target } }) => ({
      model,
      alias,
      ...(await versions.promote(model, alias, target, expected)),
    }),
  );

  app.post<{ Params: AliasParams; Body: RollbackRequest | undefined }>(
    '/models/:model/aliases/:alias/rollback',
    {
      schema: {
        operationId: 'rollBack',
        summary: 'Point an alias to where it pointed before its last move',
        tags,
        params: AliasParams,
        // Checked when there is one: it may be left out.
        body: { content: { 'application/json': { schema: RollbackRequest } } },
        response: { 200: MovedAlias, ...problemResponses(400, 403, 404, 409) },
      },
    },
    async ({ params: { model, alias }, body }) => ({
      model,
      alias,
      ...(await versions.rollback(model, alias, body?.expected)),
    }),
  );

  app.delete<{ Params: AliasParams }>(
    '/models/:model/aliases/:alias',
    {
      schema: {
        operationId: 'removeAlias',
        summary: 'Take an alias away: a challenger that is tried no longer',
        tags,
        params: AliasParams,
        response: {
          204: { type: 'null', description: 'It is gone.' },
          ...problemResponses(400, 403, 404),
        },
      },
    },
    async ({ params: { model, alias } }, reply) => {
      await versions.removeAlias(model, alias);
      return reply.code(204).send();
    },
  );

  app.delete<{ Params: { model: string; version: string } }>(
    '/models/:model/versions/:version',
    {
      schema: {
        operationId: 'deleteVersion',
        summary: 'Remove a version that no alias points to',
        tags,
        response: {
          204: { type: 'null', description: 'It is gone.' },
          ...problemResponses(403, 404, 409),
        },
      },
    },
    async ({ params: { model, version } }, reply) => {
      await versions.delete(model, version);
      return reply.code(204).send();
    },
  );
}
