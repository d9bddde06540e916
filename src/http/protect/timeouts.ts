import type { FastifyInstance } from 'fastify';

/** Answers 503 where a handler takes longer than this: its client has most likely left. */
export function limitTime(app: FastifyInstance, milliseconds: number): void {
  app.addHook('onRoute', (route) => {
    const { streams, untimed } = route.config ?? {};
    if (!streams && !untimed) route.handlerTimeout ??= milliseconds;
  });
}
