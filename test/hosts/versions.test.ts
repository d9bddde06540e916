import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { packVersion } from '../../src/registry/version.js';
import { runMain } from '../support/process.js';
import { newModels, retrained, SHIPPED_ID } from '../support/versions.js';

const { id: OTHER, files } = packVersion(retrained(1));

describe('versions on the command line', () => {
  const models = newModels();
  const run = (...args: string[]) => runMain(args, { MODEL_DIR: models.directory }).finished;
  beforeAll(() => models.store.publish('diamonds', OTHER, files));
  afterAll(() => models.remove());

  it('are listed, the newest first, as a table and as JSON', async () => {
    const { code, stdout } = await run('versions', 'diamonds');
    const [, first, second] = stdout.split('\n');
    expect([code, first, second]).toEqual([
      0,
      expect.stringContaining(OTHER),
      expect.stringMatching(`^${SHIPPED_ID} .*MAE [0-9.]+ +champion$`),
    ]);
    const json = JSON.parse((await run('versions', 'diamonds', '--json')).stdout);
    expect(json.items.map(({ id }: { id: string }) => id)).toEqual([OTHER, SHIPPED_ID]);
    const unknown = await run('versions', 'rubies');
    expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('model_not_found')]);
  });

  it('are promoted and rolled back', async () => {
    const none = await run('rollback', 'diamonds');
    expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('no_previous_version')]);
    const promoted = await run('promote', 'diamonds', OTHER, '--json');
    expect(JSON.parse(promoted.stdout)).toEqual({
      model: 'diamonds',
      alias: 'champion',
      version: OTHER,
    });
    const late = await run('promote', 'diamonds', OTHER, '--expected', SHIPPED_ID);
    expect([late.code, late.stderr]).toEqual([1, expect.stringContaining('version_conflict')]);
    const { stdout } = await run('rollback', 'diamonds');
    expect(stdout).toBe(`champion of diamonds is version ${SHIPPED_ID}\n`);
    const unknown = await run('promote', 'diamonds', 'ffff');
    expect([unknown.code, unknown.stderr]).toEqual([
      1,
      expect.stringContaining('version_not_found'),
    ]);
  });

  it('are tried as challengers', async () => {
    const challenger = ['promote', 'diamonds', OTHER, '--alias', 'challenger'];
    const { stdout } = await run(...challenger, '--share', '0.25');
    expect(stdout).toBe(`challenger of diamonds is version ${OTHER}, of 25% of the requests\n`);
    const shadow = JSON.parse((await run(...challenger, '--shadow', '--json')).stdout);
    expect(shadow).toMatchObject({ alias: 'challenger', shadow: true });
    for (const share of ['2', 'half'])
      expect((await run(...challenger, '--share', share)).stderr).toContain('invalid_request');
  });

  it('are compared', async () => {
    const { code, stdout } = await run('compare', 'diamonds', 'champion', OTHER);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/mae +\d.*specs are equal/s)]);
    const json = JSON.parse((await run('compare', 'diamonds', SHIPPED_ID, OTHER, '--json')).stdout);
    expect(json).toMatchObject({ a: { id: SHIPPED_ID }, b: { id: OTHER }, sameData: true });
  });
});
