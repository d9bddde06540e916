import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StoredModelDefinitions } from '../../../src/adapters/stores/model-definitions.js';
import type { DataSource } from '../../../src/rows/source.js';
import { modelsIn } from '../../support/stores.js';
import { BOXES_SPEC } from '../../support/training.js';

let directory: string;
let definitions: StoredModelDefinitions;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lapidary-definitions-'));
  definitions = new StoredModelDefinitions(
    modelsIn(directory),
    async (name) => ({ origin: `dataset ${name}` }) as DataSource,
  );
});
afterEach(() => rmSync(directory, { recursive: true }));

const writeFiles = (source: object) => {
  mkdirSync(join(directory, 'boxes'), { recursive: true });
  writeFileSync(join(directory, 'boxes', 'spec.json'), JSON.stringify(BOXES_SPEC));
  writeFileSync(join(directory, 'boxes', 'source.json'), JSON.stringify(source));
};

describe('a definition in files', () => {
  it.each([
    [{ dataset: 'boxes' }, { dataset: 'boxes', follow: false }],
    [
      { dataset: 'boxes', follow: true, gate: { tolerance: 0.02 } },
      { dataset: 'boxes', follow: true, gate: { tolerance: 0.02 } },
    ],
    [{ file: 'boxes.csv', follow: true }, { follow: false }],
  ])('with the source %j', async (source, expected) => {
    writeFiles(source);
    const { openData, ...read } = await definitions.readDefinition('boxes');
    expect(read).toEqual({ spec: BOXES_SPEC, ...expected });
    const { origin } = await openData();
    expect(origin).toBe('dataset' in source ? 'dataset boxes' : 'boxes.csv');
  });

  it('is not removed', async () => {
    writeFiles({ dataset: 'boxes' });
    await expect(definitions.remove('boxes')).rejects.toMatchObject({ code: 'model_protected' });
  });
});

describe('a definition on a dataset', () => {
  it('is one file, which is replaced whole, listed and removed', async () => {
    await definitions.define(BOXES_SPEC, 'boxes', { follow: true });
    await definitions.define(BOXES_SPEC, 'crates', { follow: false, gate: { tolerance: 0.1 } });
    const { openData: _, ...read } = await definitions.readDefinition('boxes');
    expect(read).toEqual({
      spec: BOXES_SPEC,
      dataset: 'crates',
      follow: false,
      gate: { tolerance: 0.1 },
    });
    expect(readdirSync(join(directory, 'boxes'))).toEqual(['definition.json']);
    expect((await definitions.openData('boxes')).origin).toBe('dataset crates');
    expect(await definitions.list()).toEqual(['boxes']);
    expect([await definitions.remove('boxes'), await definitions.remove('boxes')]).toEqual([
      true,
      false,
    ]);
    expect(await definitions.list()).toEqual([]);
  });

  it('goes before files until new ones are written', async () => {
    writeFiles({ file: 'boxes.csv' });
    await definitions.define({ ...BOXES_SPEC, title: 'Crates' }, 'crates', { follow: true });
    expect((await definitions.readDefinition('boxes')).spec).toMatchObject({ title: 'Crates' });
    await definitions.write(BOXES_SPEC, join(directory, 'boxes', 'boxes.csv'));
    expect(await definitions.readDefinition('boxes')).toMatchObject({
      spec: { title: 'Boxes' },
      follow: false,
    });
  });
});
