import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { Load } from '../../src/http/protect/load.js';
import { testApp } from '../support/app.js';

const OPEN = { config: { access: 'open' } } as const;

/** A server with a route that takes until it is told to end. */
async function slowServer(limits: { requests: number; delayMs: number }, handlerMs?: number) {
  const { app } = testApp({
    load: new Load(limits),
    limits: { bodyBytes: 1_000_000, maxInstances: 1000, ...(handlerMs && { handlerMs }) },
  });
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  app.get('/slow', OPEN, async () => {
    await ended;
    return { done: true };
  });
  app.get('/busy', OPEN, async () => {
    const until = performance.now() + 400;
    while (performance.now() < until);
    return { done: true };
  });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const get = async (path: string) => {
    const answer = await fetch(url + path);
    const body = (await answer.json()) as { code?: string };
    return { status: answer.status, code: body.code, retry: answer.headers.get('retry-after') };
  };
  return { app, get, end };
}

const SHED = { status: 503, code: 'overloaded', retry: '1' };

describe('a server with too much to do', () => {
  it('refuses requests beyond its limit, but reports its health', async () => {
    const { app, get, end } = await slowServer({ requests: 2, delayMs: 0 });
    const slow = [get('/slow'), get('/slow')];
    await sleep(200);
    expect(await get('/models')).toEqual(SHED);
    expect(await get('/health/live')).toMatchObject({ status: 200 });
    end();
    for (const answer of await Promise.all(slow)) expect(answer.status).toBe(200);
    await sleep(50);
    expect(await get('/models')).toMatchObject({ status: 200 });
    await app.close();
  });

  it('refuses what has waited while it was late, and then goes on', async () => {
    const { app, get } = await slowServer({ requests: 0, delayMs: 250 });
    expect(await get('/models')).toMatchObject({ status: 200 });
    const busy = get('/busy');
    await sleep(20);
    const answers = await Promise.all([get('/models'), get('/models')]);
    expect(answers).toContainEqual(SHED);
    await busy;
    await sleep(250);
    expect(await get('/models')).toMatchObject({ status: 200 });
    await app.close();
  });

  it('gives up on what takes too long', async () => {
    const { app, get, end } = await slowServer({ requests: 0, delayMs: 0 }, 100);
    expect(await get('/slow')).toMatchObject({ status: 503, code: 'timed_out' });
    end();
    expect(await get('/health/live')).toMatchObject({ status: 200 });
    await app.close();
  });

  it('has no end of requests that were broken off', async () => {
    const { app, get, end } = await slowServer({ requests: 2, delayMs: 0 });
    const { port } = app.server.address() as { port: number };
    for (let i = 0; i < 5; i++) {
      const stop = new AbortController();
      const broken = fetch(`http://127.0.0.1:${port}/slow`, { signal: stop.signal });
      await sleep(30);
      stop.abort();
      await broken.catch(() => undefined);
    }
    await sleep(50);
    expect(await get('/models')).toMatchObject({ status: 200 });
    end();
    await app.close();
  });
});
