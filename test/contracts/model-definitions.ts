import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LapidaryError } from '../../src/core/errors.js';
import type { Spec } from '../../src/ml/spec.js';
import type { DataSource } from '../../src/rows/source.js';
import type { ModelDefinitions } from '../../src/training/port.js';
import { textOf } from '../support/datasets.js';

/** Empty storage, definitions that share it, and a way to write files to it like an operator. */
export interface Place {
  open(openDataset: (name: string) => Promise<DataSource>): ModelDefinitions;
  put(model: string, file: string, text: string): Promise<void>;
  remove(): void;
}

const specOf = (name: string, title = name) => ({ name, title }) as Spec;
const NOT_FOUND = { code: 'model_not_found' };
const CSV = 'carat,price\n1,2\n';

/** The contract of stores of model definitions. */
export function modelDefinitionsContract(newPlace: () => Place): void {
  let place: Place;
  let definitions: ModelDefinitions;
  let directory: string;
  beforeEach(() => {
    place = newPlace();
    definitions = open();
    directory = mkdtempSync(join(tmpdir(), 'lapidary-definitions-'));
    writeFileSync(join(directory, 'rows.csv'), CSV);
  });
  afterEach(() => {
    place.remove();
    rmSync(directory, { recursive: true });
  });

  const open = () =>
    place.open(async (name) => ({
      origin: `dataset ${name}`,
      format: 'csv',
      async *read() {
        yield Buffer.from(name);
      },
    }));
  const textIn = async (source: DataSource) =>
    source.format === 'idx' ? textOf(source.training.images.read()) : textOf(source.read());
  const files = async (model: string, source: object) => {
    await place.put(model, 'source.json', JSON.stringify(source));
    await place.put(model, 'spec.json', JSON.stringify(specOf(model)));
  };

  describe('an undefined model', () => {
    it.each(['gems', '', '..', '../gems', 'Gems'])('%j is not found', async (name) => {
      expect(await definitions.list()).toEqual([]);
      expect(await definitions.has(name)).toBe(false);
      expect(await definitions.readNotes(name)).toBeUndefined();
      expect(await definitions.remove(name)).toBe(false);
      await expect(definitions.readDefinition(name)).rejects.toMatchObject(NOT_FOUND);
      await expect(definitions.openData(name)).rejects.toMatchObject(NOT_FOUND);
    });

    it.each(['', '..', '../gems', 'Gems'])('cannot be called %j', async (name) => {
      const defining = definitions.define(specOf(name), 'stones', { follow: true });
      await expect(defining).rejects.toThrow(LapidaryError);
      const writing = definitions.write(specOf(name), join(directory, 'rows.csv'));
      await expect(writing).rejects.toThrow(LapidaryError);
    });
  });

  describe('a model on a dataset', () => {
    it('is read as it was defined last, by other stores too', async () => {
      await definitions.define(specOf('gems', 'Old'), 'rocks', { follow: false });
      const gate = { tolerance: 0.1 };
      await definitions.define(specOf('gems', 'New'), 'stones', { follow: true, gate });
      for (const reader of [definitions, open()]) {
        const { openData, ...known } = await reader.readDefinition('gems');
        const spec = specOf('gems', 'New');
        expect(known).toEqual({ spec, dataset: 'stones', follow: true, gate });
        expect(await textIn(await openData())).toBe('stones');
        expect(await textIn(await reader.openData('gems'))).toBe('stones');
        expect(await reader.list()).toEqual(['gems']);
      }
    });

    it('is one of many concurrent definitions, whole', async () => {
      const names = Array.from({ length: 20 }, (_, i) => `stones-${i}`);
      await Promise.all(
        names.map((name) => open().define(specOf('gems', name), name, { follow: true })),
      );
      const { spec, dataset } = await definitions.readDefinition('gems');
      expect((spec as Spec).title).toBe(dataset);
    });

    it('takes precedence over files, and can be removed if there are none', async () => {
      await definitions.define(specOf('gems'), 'stones', { follow: true });
      expect(await definitions.remove('gems')).toBe(true);
      expect(await definitions.remove('gems')).toBe(false);
      expect(await definitions.has('gems')).toBe(false);
      await files('gems', { dataset: 'rocks' });
      await definitions.define(specOf('gems'), 'stones', { follow: true });
      expect(await definitions.readDefinition('gems')).toMatchObject({ dataset: 'stones' });
      await expect(definitions.remove('gems')).rejects.toMatchObject({ code: 'model_protected' });
    });
  });

  describe('a model that is defined by files', () => {
    it('has its data at its source', async () => {
      await files('gems', { file: 'rows.csv' });
      await place.put('gems', 'rows.csv', CSV);
      await place.put('gems', 'notes.md', '# Limits');
      expect(await textIn(await definitions.openData('gems'))).toBe(CSV);
      expect(await definitions.readNotes('gems')).toBe('# Limits');
      expect(await definitions.readDefinition('gems')).toMatchObject({ follow: false });
      await files('stones', { dataset: 'stones', follow: true });
      expect(await definitions.readDefinition('stones')).toMatchObject({ follow: true });
      expect(await definitions.list()).toEqual(['gems', 'stones']);
    });

    it('has its data in a package', async () => {
      const file = 'diamonds.csv';
      await files('gems', { package: '@observablehq/sample-datasets', file });
      const { origin } = await definitions.openData('gems');
      expect(origin).toMatch(/^@observablehq\/sample-datasets@[\d.]+\/diamonds\.csv$/);
      await files('gems', { package: 'no-such-package', file });
      const opening = definitions.openData('gems');
      await expect(opening).rejects.toMatchObject({ code: 'invalid_dataset' });
    });

    it.each([{}, { file: 'a.csv', dataset: 'b' }, { url: 'c' }])(
      'with the source %j exists without data',
      async (source) => {
        await files('gems', source);
        const opening = definitions.openData('gems');
        await expect(opening).rejects.toMatchObject({ code: 'invalid_dataset' });
        expect((await definitions.readDefinition('gems')).spec).toEqual(specOf('gems'));
      },
    );

    it('that is not JSON is invalid', async () => {
      await files('gems', { file: 'rows.csv' });
      await place.put('gems', 'spec.json', '{');
      const reading = definitions.readDefinition('gems');
      await expect(reading).rejects.toMatchObject({ code: 'invalid_spec' });
    });

    it('is made of a local file, and replaces the previous one', async () => {
      await definitions.define(specOf('gems'), 'stones', { follow: true });
      for (const text of [CSV, `${CSV}3,4\n`]) {
        writeFileSync(join(directory, 'rows.csv'), text);
        await definitions.write(specOf('gems', 'Files'), join(directory, 'rows.csv'));
        expect(await textIn(await open().openData('gems'))).toBe(text);
      }
      const definition = await definitions.readDefinition('gems');
      expect(definition.spec).toEqual(specOf('gems', 'Files'));
      expect(definition.dataset).toBeUndefined();
    });

    it('may have only data', async () => {
      await definitions.writeSource('gems', join(directory, 'rows.csv'));
      expect(await textIn(await definitions.openData('gems'))).toBe(CSV);
      expect(await definitions.has('gems')).toBe(false);
    });
  });

  it('opens local files', async () => {
    const path = join(directory, 'rows.csv');
    const source = await definitions.openFile(path);
    expect([source.origin, await textIn(source)]).toEqual([path, CSV]);
    for (const none of [`${path}.gz`, directory])
      await expect(definitions.openFile(none)).rejects.toMatchObject({ code: 'invalid_dataset' });
  });
}
