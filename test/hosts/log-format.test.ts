import { Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { logFormat } from '../../src/hosts/log-format.js';
import { newLogger } from '../../src/hosts/logger.js';
import { guardedApp } from '../support/keys.js';

async function written(setting: string): Promise<string> {
  let text = '';
  const destination = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  const logger = newLogger('info', { destination, format: await logFormat(setting) });
  logger.info({ method: 'GET', url: '/models', status: 200, client: 'acme' });
  logger.warn({ token: 'Bearer abcdefgh' }, 'careful');
  return text;
}

describe('the log', () => {
  it('is JSON for programs, and where there is no terminal', async () => {
    for (const setting of ['json', 'auto']) {
      const [first, second] = (await written(setting)).trim().split('\n');
      expect(JSON.parse(first!)).toMatchObject({ status: 200, client: 'acme' });
      expect(JSON.parse(second!)).toMatchObject({ msg: 'careful' });
    }
  });

  it('is text for people, without secrets as well', async () => {
    const text = await written('text');
    expect(text).toMatch(/^\[\d\d:\d\d:\d\d\.\d+\] INFO: .*"url":"\/models".*\n/);
    expect(text).toMatch(/WARN: careful .*\n$/);
    expect(text).not.toContain('abcdefgh');
  });

  it('names the client and the id of the key of each request', async () => {
    const { app, key, lines, remove } = await guardedApp();
    const headers = { authorization: `Bearer ${key}` };
    await app.inject({ url: '/models', headers });
    await app.inject({ url: '/models/none', headers });
    await app.inject('/models');
    const told = lines
      .filter(({ url }) => typeof url === 'string')
      .map(({ url, client, key: id }) => ({ url, client, id }));
    const id = expect.stringMatching(/^[0-9A-Za-z]{16}$/);
    expect(told).toEqual([
      { url: '/models', client: 'acme', id },
      { url: '/models/none', client: 'acme', id },
      { url: '/models', client: undefined, id: undefined },
    ]);
    await remove();
  });
});
