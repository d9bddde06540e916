import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { StoredModelDefinitions } from '../../../src/adapters/stores/model-definitions.js';
import { LapidaryError } from '../../../src/core/errors.js';
import { VersionService } from '../../../src/registry/service.js';
import { ServingService } from '../../../src/serving/service.js';
import { type ImportOrder, ImportService } from '../../../src/training/import/service.js';
import { randomise, tfl } from '../../ml/plan/networks.js';
import type { ModelFiles } from '../../support/layers-model.js';
import { modelsIn, registryIn } from '../../support/stores.js';

/** A regression from three numbers, two features and a category. */
export const SPEC = {
  title: 'Boxes',
  description: 'What a box weighs.',
  task: 'regression',
  features: [
    { name: 'side', kind: 'number', minimum: 1, maximum: 3 },
    { name: 'material', kind: 'category', categories: ['cork', 'oak'] },
  ],
  target: { name: 'weight', mean: 0, deviation: 1 },
  encoding: [
    { encode: 'standard', feature: 'side', mean: 2, deviation: 0.5 },
    { encode: 'oneHot', feature: 'material' },
  ],
};

/** A model of one dense layer. */
export function denseModel(inputs: number, units: number, activation = 'linear'): LayersModel {
  const layer = { units, activation: activation as 'relu', inputShape: [inputs], name: 'top' };
  return randomise(tfl.sequential({ layers: [tfl.layers.dense(layer)] }), 3);
}

/** An import of files and a spec that are nowhere, to a registry of its own. */
export function importing(files: ModelFiles, spec: unknown) {
  const directory = mkdtempSync(join(tmpdir(), 'lapidary-import-'));
  const store = registryIn(directory);
  const registry = new ServingService(store);
  const models = {
    readSpec: async () => structuredClone(spec),
    list: async () => Object.keys(files),
    readFile: async (_directory: string, name: string) => {
      const bytes = files[name];
      if (!bytes) throw new LapidaryError('invalid_model', `there is no ${name}`);
      return bytes;
    },
  };
  const service = new ImportService(
    models,
    new StoredModelDefinitions(modelsIn(directory), noDatasets),
    registry,
    new VersionService(store, registry),
  );
  return {
    registry,
    run: (order: Partial<ImportOrder> = {}) =>
      service.import({ name: 'boxes', model: 'boxes-tfjs', spec: 'boxes.json', ...order }),
    remove: () => rmSync(directory, { recursive: true }),
  };
}

async function noDatasets(name: string): Promise<never> {
  throw new Error(`there is no dataset ${name} here`);
}
