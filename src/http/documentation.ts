import type { FastifyInstance } from 'fastify';
import { CODE_VERSION } from '../core/code-version.js';
import { instanceSchema } from '../ml/schema.js';
import type { Spec } from '../ml/spec.js';
import { isImageModel } from '../prediction/images.js';
import type { Version } from '../registry/version.js';
import { documentAccess, SECURITY_SCHEMES } from './access-documentation.js';
import { type ApiDependencies, createFastify, mountRoutes } from './app.js';
import { DOCS_POLICY } from './headers.js';
import { documentRefusals } from './refusals-documentation.js';

type JsonObject = Record<string, unknown>;
interface OpenApiDocument {
  paths: Record<string, Record<string, JsonObject>>;
  components?: { schemas?: JsonObject };
}

/** The same document, as programs and as the page ask for it. */
const DOCUMENTS = new Set(['/openapi.json', '/docs/json', '/docs/yaml']);
const PREDICTIONS_PATH = '/models/{model}/predictions';

/**
 * Mounts `/openapi.json` and `/docs`. What makes them is large and seldom asked for, so it lives in a
 * second app with the same routes, built at the first question: a cold start pays nothing for it.
 */
export function documentationRoutes(app: FastifyInstance, dependencies: ApiDependencies): void {
  let documentation: Promise<FastifyInstance> | undefined;
  const ask = async (url: string) => {
    documentation ??= buildDocumentation(dependencies);
    return (await documentation).inject(url);
  };
  const hidden = { schema: { hide: true } };
  app.get('/', hidden, (_request, reply) => reply.redirect('/docs'));
  for (const path of ['/openapi.json', '/docs', '/docs/*']) {
    app.get(path, hidden, async (request, reply) => {
      const answer = await ask(request.url);
      const { 'x-request-id': _other, ...headers } = answer.headers;
      return reply.code(answer.statusCode).headers(headers).send(answer.rawPayload);
    });
  }
}

async function buildDocumentation(dependencies: ApiDependencies): Promise<FastifyInstance> {
  const { default: swagger } = await import('@fastify/swagger');
  const { default: swaggerUi } = await import('@fastify/swagger-ui');
  const app = createFastify(
    dependencies.logger.child({}, { level: 'silent' }),
    dependencies.limits.bodyBytes,
  );
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Lapidary',
        description: 'Predictions from trained models. Every error is an RFC 9457 problem.',
        version: CODE_VERSION,
      },
      servers: [{ url: '/' }],
      components: { securitySchemes: dependencies.guard ? SECURITY_SCHEMES : {} },
    },
  });
  documentRefusals(app);
  if (dependencies.guard) documentAccess(app);
  mountRoutes(app, dependencies);
  let versions: Version[] = [];
  // Of all that is asked for here, only these show the models: the rest must not have a store read.
  app.addHook('onRequest', async ({ routeOptions: { url } }) => {
    if (!DOCUMENTS.has(url!)) return;
    versions = (await dependencies.registry.loadAll()).map(({ version }) => version);
  });
  app.get('/openapi.json', { schema: { hide: true } }, () =>
    withModels(app.swagger() as unknown as OpenApiDocument, versions),
  );
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: DOCS_POLICY,
    transformSpecification: (document) =>
      withModels(document as unknown as OpenApiDocument, versions) as unknown as typeof document,
  });
  return app;
}

/** Puts a path a model, with the schema of its instances and a real example, beside the general one. */
function withModels(document: OpenApiDocument, versions: readonly Version[]): OpenApiDocument {
  const { post } = document.paths[PREDICTIONS_PATH]!;
  const paths = versions.map((version) => [
    PREDICTIONS_PATH.replace('{model}', version.spec.name),
    { post: predictOperation(post!, version) },
  ]);
  return { ...document, paths: { ...document.paths, ...Object.fromEntries(paths) } };
}

function predictOperation(general: JsonObject, { spec, examples }: Version): JsonObject {
  const { parameters: _model, ...operation } = general;
  const schema = {
    type: 'object',
    additionalProperties: false,
    required: ['instances'],
    properties: { instances: { type: 'array', minItems: 1, items: instanceSchema(spec) } },
  };
  // A model that was trained elsewhere may come without.
  const [first] = examples;
  const example = first && { example: { instances: [first.instance] } };
  return {
    ...operation,
    operationId: `predict_${spec.name}`,
    summary: `Predict ${spec.target.name}: ${spec.title}`,
    description: spec.description,
    requestBody: {
      required: true,
      content: { ...imageContent(general, spec), 'application/json': { schema, ...example } },
    },
  };
}

/** The content types of images, for a model that takes one as the body. */
function imageContent(general: JsonObject, spec: Spec): JsonObject {
  if (!isImageModel(spec)) return {};
  const { content } = general.requestBody as { content: JsonObject };
  return content;
}
