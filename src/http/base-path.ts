import type { FastifyInstance, FastifyServerOptions } from 'fastify';

/**
 * Serves the API below a path, too, for a proxy or gateway that forwards the whole path. One that strips the path also
 * works: links always contain it.
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

/** Prepends the base path to links in answers. */
export function linkBelow(app: FastifyInstance, base: string): void {
  if (base === '') return;
  app.addHook('onSend', (_request, reply, payload, done) => {
    const location = reply.getHeader('location');
    if (typeof location === 'string' && location.startsWith('/'))
      reply.header('location', base + location);
    done(null, payload);
  });
}
