import type { FastifyInstance } from 'fastify';
import type { ForRequest } from '../api/for-request.js';
import { problemResponses } from '../api/problem.js';
import { refusalToRemove } from './aliases.js';
import {
  AliasParams,
  MovedAlias,
  MoveRequest,
  RemovedAliasParams,
  RollbackRequest,
} from './schema.js';
import type { VersionService } from './service.js';

const tags = ['versions'];

/** Mounts the routes that move aliases and remove versions. They do not ask who calls: mount them with care. */
export function adminRoutes(app: FastifyInstance, of: ForRequest<VersionService>): void {
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
    async (request) => {
      const {
        params: { model, alias },
        body: { expected, ...target },
      } = request;
      return {
        model,
        alias,
        ...(await of(request).promote(model, alias, target, expected)),
      };
    },
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
    async (request) => {
      const {
        params: { model, alias },
        body,
      } = request;
      return {
        model,
        alias,
        ...(await of(request).rollback(model, alias, body?.expected)),
      };
    },
  );

  app.delete<{ Params: AliasParams }>(
    '/models/:model/aliases/:alias',
    {
      schema: {
        operationId: 'removeAlias',
        summary: 'Take an alias away: a challenger that is tried no longer',
        tags,
        params: RemovedAliasParams,
        response: {
          204: { type: 'null', description: 'It is gone.' },
          ...problemResponses(400, 403, 404),
        },
      },
      // Before its schema, which would say less.
      preValidation: ({ params: { alias } }, _reply, done) => done(refusalToRemove(alias)),
    },
    async (request, reply) => {
      const {
        params: { model, alias },
      } = request;
      await of(request).removeAlias(model, alias);
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
    async (request, reply) => {
      const {
        params: { model, version },
      } = request;
      await of(request).delete(model, version);
      return reply.code(204).send();
    },
  );
}
