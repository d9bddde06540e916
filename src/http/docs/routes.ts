import type { FastifyInstance } from 'fastify';
import type { ApiDependencies } from '../routes.js';
import { Pages } from './pages.js';

/** Mounts `/openapi.json` and `/docs`. A second app renders them; it is loaded on the first request for one. */
export function documentationRoutes(app: FastifyInstance, dependencies: ApiDependencies): void {
  const pages = new Pages(async () => {
    const { buildDocumentation } = await import('./document.js');
    return buildDocumentation(dependencies);
  }, dependencies.operator.registry);
  const hidden = { config: { access: 'open' }, schema: { hide: true } } as const;
  app.get('/', hidden, (_request, reply) => reply.redirect('/docs'));
  for (const path of ['/openapi.json', '/docs', '/docs/*']) {
    app.get(path, hidden, async (request, reply) => {
      const { status, headers, payload } = await pages.read(request.url.split('?', 1)[0]!);
      return reply.code(status).headers(headers).send(payload);
    });
  }
}
