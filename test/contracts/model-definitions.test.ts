import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe } from '@jest/globals';
import { StoredModelDefinitions } from '../../src/adapters/stores/model-definitions.js';
import { newBucket } from '../support/bucket.js';
import { describeAws } from '../support/emulator.js';
import { modelsIn } from '../support/stores.js';
import { modelDefinitionsContract } from './model-definitions.js';

describe('definitions on this machine', () => {
  modelDefinitionsContract(() => {
    const parent = mkdtempSync(join(tmpdir(), 'lapidary-models-'));
    const directory = join(parent, 'models');
    return {
      open: (openDataset) => new StoredModelDefinitions(modelsIn(directory), openDataset),
      async put(model, file, text) {
        mkdirSync(join(directory, model), { recursive: true });
        writeFileSync(join(directory, model, file), text);
      },
      remove: () => rmSync(parent, { recursive: true }),
    };
  });
});

describeAws('definitions in S3', () => {
  let bucket: Awaited<ReturnType<typeof newBucket>>;
  beforeAll(async () => {
    bucket = await newBucket();
  });
  modelDefinitionsContract(() => {
    const { open } = bucket.newPlace();
    return {
      open: (openDataset) => new StoredModelDefinitions(open(), openDataset),
      put: (model, file, text) => open().replace(`models/${model}/${file}`, Buffer.from(text)),
      remove: () => undefined,
    };
  });
});
