import type { FastifyInstance } from 'fastify';
import { type PageQuery, pageRequest } from '../api/page.js';
import { type ForRequest, optionalBody, REMOVED, routesOf } from '../api/route.js';
import { refusalToRemove } from './aliases.js';
import {
  AliasList,
  AliasParams,
  describeVersion,
  MovedAlias,
  MoveRequest,
  RemovedAliasParams,
  RollbackRequest,
  VersionComparison,
  VersionDescription,
  VersionList,
  VersionQuery,
} from './schema.js';
import type { VersionService } from './service.js';

type OfModel = { Params: { model: string } };
type OfVersion = { Params: { model: string; version: string } };
type OfAlias = { Params: AliasParams };

const reading = routesOf('versions', ['predict']);
const changing = routesOf('versions', ['train', 'admin']);

/** Mounts the routes that list and describe versions and aliases. */
export function versionRoutes(app: FastifyInstance, of: ForRequest<VersionService>): void {
  app.get<OfModel & { Querystring: PageQuery }>(
    '/models/:model/versions',
    reading(
      'listVersions',
      'List the versions of a model, the newest first',
      { 200: VersionList },
      [400, 404],
      { querystring: VersionQuery },
    ),
    async (request) => {
      const { model } = request.params;
      return { model, ...(await of(request).list(model, pageRequest(request.query))) };
    },
  );

  app.get<OfVersion>(
    '/models/:model/versions/:version',
    reading(
      'getVersion',
      'Describe a version: its spec, data and metrics',
      { 200: VersionDescription },
      [404, 503],
    ),
    async (request) => {
      const { model, version } = request.params;
      return describeVersion(model, await of(request).describe(model, version));
    },
  );

  app.get<{ Params: { model: string; a: string; b: string } }>(
    '/models/:model/versions/:a/compare/:b',
    reading(
      'compareVersions',
      'Compare two versions, by id or alias: their metrics and specs',
      { 200: VersionComparison },
      [404, 503],
    ),
    async (request) => {
      const { model, a, b } = request.params;
      return { model, ...(await of(request).compare(model, a, b)) };
    },
  );

  app.get<OfModel>(
    '/models/:model/aliases',
    reading(
      'listAliases',
      'List the aliases of a model, and which versions they point to',
      { 200: AliasList },
      [404],
    ),
    async (request) => {
      const { model } = request.params;
      return { model, items: await of(request).aliases(model) };
    },
  );
}

/** Mounts the routes that move aliases and remove versions. */
export function adminRoutes(app: FastifyInstance, of: ForRequest<VersionService>): void {
  app.put<OfAlias & { Body: MoveRequest }>(
    '/models/:model/aliases/:alias',
    changing(
      'moveAlias',
      'Point an alias to a version; the champion serves',
      { 200: MovedAlias },
      [400, 403, 404, 409, 503],
      { params: AliasParams, body: MoveRequest },
    ),
    async (request) => {
      const { model, alias } = request.params;
      const { expected, ...target } = request.body;
      return { model, alias, ...(await of(request).promote(model, alias, target, expected)) };
    },
  );

  app.post<OfAlias & { Body: RollbackRequest | undefined }>(
    '/models/:model/aliases/:alias/rollback',
    changing(
      'rollBack',
      'Point an alias to its version before the last move',
      { 200: MovedAlias },
      [400, 403, 404, 409],
      { params: AliasParams, body: optionalBody(RollbackRequest) },
    ),
    async (request) => {
      const { model, alias } = request.params;
      return {
        model,
        alias,
        ...(await of(request).rollback(model, alias, request.body?.expected)),
      };
    },
  );

  app.delete<OfAlias>(
    '/models/:model/aliases/:alias',
    {
      ...changing(
        'removeAlias',
        'Remove an alias, such as that of a challenger',
        { 204: REMOVED },
        [400, 403, 404],
        { params: RemovedAliasParams },
      ),
      // Before the schema, whose message is less specific.
      preValidation: ({ params: { alias } }, _reply, done) => done(refusalToRemove(alias)),
    },
    async (request, reply) => {
      const { model, alias } = request.params;
      await of(request).removeAlias(model, alias);
      return reply.code(204).send();
    },
  );

  app.delete<OfVersion>(
    '/models/:model/versions/:version',
    changing(
      'deleteVersion',
      'Remove a version that no alias points to',
      { 204: REMOVED },
      [403, 404, 409],
    ),
    async (request, reply) => {
      const { model, version } = request.params;
      await of(request).delete(model, version);
      return reply.code(204).send();
    },
  );
}
