import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe } from '@jest/globals';
import { S3ModelDefinitions } from '../../src/adapters/aws/model-definitions.js';
import { LocalModelDefinitions } from '../../src/adapters/local/model-definitions.js';
import { newBucket } from '../support/bucket.js';
import { describeAws } from '../support/emulator.js';
import { modelDefinitionsContract } from './model-definitions.js';

describe('definitions on this machine', () => {
  modelDefinitionsContract(() => {
    const parent = mkdtempSync(join(tmpdir(), 'lapidary-models-'));
    const directory = join(parent, 'models');
    return {
      open: (openDataset) => new LocalModelDefinitions(directory, openDataset),
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
      open: (openDataset) => new S3ModelDefinitions(open(), openDataset),
      put: (model, file, text) => open().replace(`models/${model}/${file}`, Buffer.from(text)),
      remove: () => undefined,
    };
  });
});
