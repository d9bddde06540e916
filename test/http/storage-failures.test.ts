import { execFileSync } from 'node:child_process';
import { type FileHandle, open } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { datasetsApp, FLATS, flats } from '../support/datasets.js';

const { app, directory, remove } = datasetsApp();
const api = () => supertest(app.server);
const append = (first: number) =>
  api().post('/datasets/flats').type('text/csv').send(flats(5, first));
let handles: FileHandle;
beforeAll(async () => {
  await app.ready();
  const handle = await open(directory, 'r');
  handles = Object.getPrototypeOf(handle);
  await handle.close();
  await api().put('/datasets/flats').send(FLATS).expect(201);
});
const isMounted = mountItself(directory);
afterAll(() => {
  if (isMounted) execFileSync('umount', [directory]);
  remove();
});

/** Has one operation of all files fail, as the system says it. */
async function failing(
  operation: 'sync' | 'write' | 'writeFile',
  code: string,
  act: () => Promise<void>,
): Promise<void> {
  const real = handles[operation];
  handles[operation] = () => Promise.reject(Object.assign(new Error(code), { code }));
  try {
    await act();
  } finally {
    handles[operation] = real as never;
  }
}

describe('a storage that fails', () => {
  it.each([
    ['EDQUOT', 507, 'storage_full'],
    ['ENOSPC', 507, 'storage_full'],
    ['EIO', 503, 'storage_unavailable'],
    ['EROFS', 503, 'storage_unavailable'],
    ['EACCES', 503, 'storage_unavailable'],
  ])('with %s is %i %s for what writes, keeps nothing, and recovers', async (code, status, as) => {
    const count = async () => (await api().get('/datasets/flats').expect(200)).body.items.length;
    const before = await count();
    for (const operation of ['sync', 'write', 'writeFile'] as const)
      await failing(operation, code, async () => {
        const { body } = await append(1000 * (before + 1));
        // A batch is written by handles in one of these ways; what does not use this one goes on.
        if (body.status !== undefined) expect(body).toMatchObject({ status, code: as });
      });
    await failing('sync', code, async () => {
      expect((await append(2000 * (before + 1))).body).toMatchObject({ status, code: as });
      const other = await api().put(`/datasets/x-${code.toLowerCase()}`).send(FLATS);
      expect(other.body).toMatchObject({ status, code: as });
    });
    const kept = await count();
    expect((await append(3000 * (before + 1))).status).toBe(201);
    expect(await count()).toBe(kept + 1);
  });

  (isMounted ? it : it.skip)('that can only be read is 503, and recovers', async () => {
    execFileSync('mount', ['-o', 'remount,ro,bind', directory]);
    const refused = await append(77);
    expect(refused.body).toMatchObject({ status: 503, code: 'storage_unavailable' });
    await api().get('/datasets/flats').expect(200);
    execFileSync('mount', ['-o', 'remount,rw,bind', directory]);
    expect((await append(77)).status).toBe(201);
  });
});

/** Makes a directory a mount of its own, where root allows. */
function mountItself(path: string): boolean {
  try {
    execFileSync('mount', ['--bind', path, path], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
