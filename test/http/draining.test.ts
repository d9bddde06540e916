import { Agent, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { testApp } from '../support/app.js';

describe('a server that is stopping', () => {
  it('answers what it has begun and what still comes, and closes the connections', async () => {
    const { app } = testApp();
    let answer = () => {};
    const begun = new Promise<void>((isBegun) => {
      app.get('/slow', { config: { access: 'open' }, schema: { hide: true } }, async () => {
        isBegun();
        await new Promise<void>((resolve) => {
          answer = resolve;
        });
        return {};
      });
    });
    const isClosing = new Promise<void>((resolve) => {
      app.addHook('preClose', async () => resolve());
    });
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ask = (path: string) =>
      new Promise<[number, string | undefined]>((resolve, reject) => {
        const sent = request({ port, path, agent }, (got) => {
          got.resume().on('end', () => resolve([got.statusCode!, got.headers.connection]));
        });
        sent.on('error', reject).end();
      });
    expect(await ask('/health/live')).toEqual([200, 'keep-alive']);
    const slow = ask('/slow');
    await begun;
    const closed = app.close();
    await isClosing;
    answer();
    expect(await slow).toEqual([200, 'close']);
    await closed;
    agent.destroy();
  });
});
