import type { FastifyInstance } from 'fastify';
import { CODE_VERSION } from '../../core/code-version.js';
import { instanceSchema } from '../../ml/schema.js';
import { isImageModel, type Spec } from '../../ml/spec.js';
import type { Version } from '../../registry/index.js';
import { createFastify } from '../fastify.js';
import { type ApiDependencies, mountRoutes } from '../routes.js';
import { exampleInstance, type OperationExample, operationExamples } from './examples.js';
import { docsPage, TAGS } from './page.js';
import { DOCUMENTS } from './pages.js';
import { documentRefusals, SECURITY_SCHEMES } from './refusals.js';

type JsonObject = Record<string, unknown>;
interface OpenApiDocument {
  paths: Record<string, Record<string, JsonObject>>;
  components?: { schemas?: JsonObject };
}

const PREDICTIONS_PATH = '/models/{model}/predictions';

/** Builds a second app with the same routes, which renders the OpenAPI document and its page. */
export async function buildDocumentation(dependencies: ApiDependencies): Promise<FastifyInstance> {
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
      servers: [{ url: dependencies.web?.basePath || '/' }],
      tags: TAGS,
      components: { securitySchemes: dependencies.guard ? SECURITY_SCHEMES : {} },
    },
  });
  documentRefusals(app, dependencies.guard !== undefined);
  mountRoutes(app, dependencies);
  let versions: Version[] = [];
  // Only documents show the models; other requests must not read the store.
  app.addHook('onRequest', async ({ routeOptions: { url } }) => {
    if (!DOCUMENTS.has(url!)) return;
    versions = (await dependencies.operator.registry.loadAll()).map(({ version }) => version);
  });
  app.get('/openapi.json', { schema: { hide: true } }, () =>
    withModels(app.swagger() as unknown as OpenApiDocument, versions),
  );
  const page = docsPage(
    (document) =>
      withModels(document as unknown as OpenApiDocument, versions) as unknown as typeof document,
  );
  await app.register(swaggerUi, { ...page, indexPrefix: dependencies.web?.basePath ?? '' });
  return app;
}

/** Adds a path for each model, with the schema of its instances and a real example, before the general ones. */
function withModels(document: OpenApiDocument, versions: readonly Version[]): OpenApiDocument {
  const { post } = document.paths[PREDICTIONS_PATH]!;
  const models = versions.map((version) => [
    PREDICTIONS_PATH.replace('{model}', version.spec.name),
    { post: predictOperation(post!, version) },
  ]);
  const examples = operationExamples(versions);
  const general = Object.entries(document.paths).map(([path, operations]) => [
    path,
    Object.fromEntries(
      Object.entries(operations).map(([method, operation]) => [
        method,
        withExample(operation, examples[String(operation.operationId)]),
      ]),
    ),
  ]);
  return { ...document, paths: Object.fromEntries([...models, ...general]) };
}

function withExample(operation: JsonObject, example: OperationExample | undefined): JsonObject {
  const { path, body } = example ?? {};
  const { parameters, requestBody } = operation as {
    parameters?: { in: string; name: string }[];
    requestBody?: { content: Record<string, object> };
  };
  return {
    ...operation,
    ...(parameters && {
      parameters: parameters.map((each) =>
        each.in === 'path' && path?.[each.name] ? { ...each, example: path[each.name] } : each,
      ),
    }),
    ...(requestBody && {
      requestBody: { ...requestBody, content: withBodies(requestBody.content, body) },
    }),
  };
}

function withBodies(content: Record<string, object>, bodies: Record<string, unknown> = {}) {
  const shown = Object.entries(bodies).filter(([type]) => content[type] !== undefined);
  return {
    ...Object.fromEntries(shown.map(([type, example]) => [type, { ...content[type], example }])),
    ...Object.fromEntries(Object.entries(content).filter(([type]) => !(type in bodies))),
  };
}

function predictOperation(general: JsonObject, version: Version): JsonObject {
  const { spec } = version;
  const { parameters: _model, ...operation } = general;
  const schema = {
    type: 'object',
    additionalProperties: false,
    required: ['instances'],
    properties: { instances: { type: 'array', minItems: 1, items: instanceSchema(spec) } },
  };
  const example = { instances: [exampleInstance(version)] };
  return {
    ...operation,
    operationId: `predict_${spec.name}`,
    summary: `Predict ${spec.target.name}: ${spec.title}`,
    description: spec.description,
    requestBody: {
      required: true,
      content: { 'application/json': { schema, example }, ...imageContent(general, spec) },
    },
  };
}

/** Returns the content types of images, for a model that accepts one as the body. */
function imageContent(general: JsonObject, spec: Spec): JsonObject {
  if (!isImageModel(spec)) return {};
  const { content } = general.requestBody as { content: JsonObject };
  const { 'application/json': _rows, ...images } = content;
  return images;
}
