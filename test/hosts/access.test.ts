import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runMain, startServer } from '../support/process.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lapidary-access-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const lapidary = async (...args: string[]) => {
  const { code, stdout, stderr } = await runMain(args, { DATA_DIR: directory }).finished;
  return { code, out: stdout.trim(), err: stderr.trim() };
};

describe('lapidary keys', () => {
  it('creates, lists, rotates and revokes keys, and shows each once', async () => {
    expect(await lapidary('clients', 'create', 'acme', '--plan', 'standard')).toMatchObject({
      out: 'client acme: plan standard',
    });
    const made = await lapidary('keys', 'create', 'acme', '--scopes', 'predict,data');
    expect(made.out).toMatch(/^lap_\w+$/);
    expect(made.err).toMatch(/of acme: predict, data/);
    const id = made.out.split('_')[1]!;
    const rotated = await lapidary('keys', 'rotate', id, '--grace', '0');
    expect(rotated.out).toMatch(/^lap_\w+$/);
    await lapidary('keys', 'revoke', rotated.out.split('_')[1]!);
    const listed = await lapidary('keys', 'list');
    expect(listed.out).toMatch(new RegExp(`${id}.* expired`));
    expect(listed.out).toMatch(/ revoked /);
    expect(listed.out).not.toContain(made.out.slice(21));
    expect(JSON.parse((await lapidary('keys', 'list', '--json')).out).items).toHaveLength(2);
    expect((await lapidary('clients', 'list')).out).toMatch(/^acme +standard +acme$/m);
    expect((await lapidary('plans')).out).toMatch(/^standard .* 0\.10 USD +0\.05 USD$/m);
  }, 30_000);

  it('reports the fault', async () => {
    expect(await lapidary('keys', 'create', 'nobody')).toMatchObject({
      code: 1,
      err: 'client_not_found: client nobody not found',
    });
    await lapidary('clients', 'create', 'acme');
    expect(await lapidary('keys', 'create', 'acme', '--scopes', 'root')).toMatchObject({
      code: 1,
      err: 'invalid_request: unknown scope "root": use predict, data, train, admin',
    });
  }, 30_000);
});

describe('a server that others can reach', () => {
  it('does not start without any key, unless it is told to', async () => {
    const env = { DATA_DIR: directory, HOST: '0.0.0.0', PORT: '0' };
    const refused = await runMain(['serve'], env).finished;
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/not_ready|no key exists yet.*ACCESS=open/);
    const open = await startServer({ ...env, ACCESS: 'open' });
    const url = open.url.replace('0.0.0.0', '127.0.0.1');
    expect((await fetch(`${url}/models`)).status).toBe(200);
    expect((await fetch(`${url}/keys`)).status).toBe(404);
    open.child.kill();
    await open.finished;
  }, 30_000);

  it('asks for keys when there is one, and takes those that are made while it runs', async () => {
    await lapidary('clients', 'create', 'acme');
    const { out: admin } = await lapidary('keys', 'create', 'acme', '--scopes', 'admin');
    const env = { DATA_DIR: directory, HOST: '0.0.0.0', ACCESS_CACHE_S: '0' };
    const server = await startServer(env);
    const url = server.url.replace('0.0.0.0', '127.0.0.1');
    const status = async (path: string, key?: string) =>
      (await fetch(url + path, key ? { headers: { 'x-api-key': key } } : {})).status;
    expect([await status('/models'), await status('/health/ready')]).toEqual([401, 200]);
    expect([await status('/keys', admin), await status('/models', admin)]).toEqual([200, 403]);
    const { out: later } = await lapidary('keys', 'create', 'acme');
    expect(await status('/models', later)).toBe(200);
    await lapidary('keys', 'revoke', later.split('_')[1]!);
    expect(await status('/models', later)).toBe(401);
    server.child.kill();
    expect((await server.finished).stdout).not.toContain(later.slice(21));
  }, 30_000);
});

describe('a server on loopback', () => {
  it('requires no key unless configured', async () => {
    const open = await startServer({ DATA_DIR: directory });
    expect((await fetch(`${open.url}/models`)).status).toBe(200);
    expect((await fetch(`${open.url}/keys`)).status).toBe(200);
    open.child.kill();
    await open.finished;
    const closed = await startServer({ DATA_DIR: directory, ACCESS: 'keys' });
    expect((await fetch(`${closed.url}/models`)).status).toBe(401);
    closed.child.kill();
    await closed.finished;
  }, 30_000);
});
