import type { FastifyInstance, FastifyServerOptions } from 'fastify';

/**
 * Serves the API also below a path, as behind a proxy or a gateway that hands on the whole path. One that takes it off
 * is served as well: links have it in any case.
 * @param base such as `/api`; empty for none
 */
export function rewriteBelow(base: string): Pick<FastifyServerOptions, 'rewriteUrl'> {
  if (base === '') return {};
  return {
    rewriteUrl({ url = '/' }) {
      if (!url.startsWith(base)) return url;
      const rest = url.slice(base.length);
      if (rest === '' || rest.startsWith('?')) return `/${rest}`;
      return rest.startsWith('/') ? rest : url;
    },
  };
}

/** Puts the base path before the links in answers. */
export function linkBelow(app: FastifyInstance, base: string): void {
  if (base === '') return;
  app.addHook('onSend', (_request, reply, payload, done) => {
    const location = reply.getHeader('location');
    if (typeof location === 'string' && location.startsWith('/'))
      reply.header('location', base + location);
    done(null, payload);
  });
}
