import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { LocalForeignModels } from '../../../src/adapters/local/foreign-models.js';
import { writeFiles } from '../../support/layers-model.js';

const directory = mkdtempSync(join(tmpdir(), 'lapidary-foreign-'));
const models = new LocalForeignModels();
writeFiles(join(directory, 'model'), {
  'w.bin': 'weights',
  'spec.json': '{"a":1}',
  'bad.json': '{',
});
writeFiles(directory, { secret: 'secret' });
afterAll(() => rmSync(directory, { recursive: true }));

test('reads files beside model.json, and none elsewhere', async () => {
  const model = join(directory, 'model');
  expect(String(await models.readFile(model, 'w.bin', 100))).toBe('weights');
  for (const name of ['../secret', join(directory, 'secret'), 'x/../../secret', 'gone.bin']) {
    await expect(models.readFile(model, name, 100)).rejects.toMatchObject({
      code: 'invalid_model',
    });
  }
});

test('reads a spec, or says what is wrong with it', async () => {
  const read = (name: string) => models.readSpec(join(directory, 'model', name));
  expect(await read('spec.json')).toEqual({ a: 1 });
  await expect(read('bad.json')).rejects.toMatchObject({
    code: 'invalid_spec',
    message: expect.stringContaining('cannot be read as JSON'),
  });
  await expect(read('gone.json')).rejects.toMatchObject({ code: 'invalid_spec' });
});
