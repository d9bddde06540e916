import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { packVersion } from '../../src/registry/version.js';
import { DIAMOND } from '../support/app.js';
import { runMain, startServer } from '../support/process.js';
import { newModels, retrained, SHIPPED_ID } from '../support/versions.js';

const [NEXT, BAD] = [packVersion(retrained(1)), packVersion(retrained(2))];

/** Processes start slowly on a busy machine. */
const SLOW = 30_000;

describe('a version is promoted while a server runs', () => {
  const models = newModels();
  const env = { MODEL_DIR: models.directory };
  let server: Awaited<ReturnType<typeof startServer>>;
  beforeAll(async () => {
    for (const { id, files } of [NEXT, BAD]) await models.store.publish('diamonds', id, files);
    server = await startServer({ ...env, MODEL_REFRESH_S: '1' });
  }, SLOW);
  afterAll(async () => {
    server.child.kill();
    await server.finished;
    models.remove();
  });

  const ask = async (headers: Record<string, string> = {}) => {
    const answer = await fetch(`${server.url}/models/diamonds/predictions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ instances: [DIAMOND] }),
    });
    const { version } = (await answer.json()) as { version: string };
    return { status: answer.status, version };
  };
  /** Asks until a version answers; every answer on the way must be a good one. */
  const waitFor = async (version: string) => {
    for (;;) {
      const answer = await ask();
      expect(answer.status).toBe(200);
      if (answer.version === version) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const run = async (...args: string[]) => {
    const { code, stderr } = await runMain(args, env).finished;
    expect([code, stderr]).toEqual([0, '']);
  };

  it(
    'answers at once with it where no-cache is asked, and everybody soon',
    async () => {
      expect((await ask()).version).toBe(SHIPPED_ID);
      await run('promote', 'diamonds', NEXT.id);
      expect((await ask({ 'cache-control': 'no-cache' })).version).toBe(NEXT.id);
      expect((await ask()).version).toBe(NEXT.id);
    },
    SLOW,
  );

  it(
    'goes back when it is rolled back, without being asked to look',
    async () => {
      await run('rollback', 'diamonds');
      await waitFor(SHIPPED_ID);
    },
    SLOW,
  );

  it(
    'goes on when a damaged version is published by hand, and says so',
    async () => {
      rmSync(models.fileOf(BAD.id, 'weights.bin'));
      await models.store.moveAlias('diamonds', 'champion', SHIPPED_ID, { version: BAD.id });
      expect(await ask({ 'cache-control': 'no-cache' })).toEqual({
        status: 200,
        version: SHIPPED_ID,
      });
      const ready = await fetch(`${server.url}/health/ready`);
      expect([ready.status, await ready.json()]).toEqual([
        200,
        {
          status: 'ready',
          models: { diamonds: SHIPPED_ID },
          degraded: [
            {
              model: 'diamonds',
              alias: 'champion',
              version: BAD.id,
              reason: expect.stringContaining('weights.bin'),
              serves: SHIPPED_ID,
            },
          ],
        },
      ]);
      await models.store.moveAlias('diamonds', 'champion', BAD.id, { version: NEXT.id });
      await waitFor(NEXT.id);
      const healthy = (await (await fetch(`${server.url}/health/ready`)).json()) as object;
      expect(healthy).not.toHaveProperty('degraded');
    },
    SLOW,
  );

  it('logs the outcome of each version once', async () => {
    server.child.kill();
    const { stdout } = await server.finished;
    const lines = stdout.trim().split('\n');
    const parsed = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    const errors = parsed.filter(({ level }) => (level as number) >= 50);
    expect(errors).toEqual([expect.objectContaining({ model: 'diamonds', version: BAD.id })]);
    const swaps = parsed.filter(({ from }) => from !== undefined).map(({ to }) => to);
    expect(swaps).toEqual([NEXT.id, SHIPPED_ID, NEXT.id]);
  });
});
