import { readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { FLOORS } from './floors.js';
import { refusalsOf } from './support/floors-check.js';
import { findCircle, importsOf, readImports } from './support/imports.js';

describe('the floors', () => {
  const imports = readImports('src');

  it('hold for every import of src, of types too', () => {
    expect(refusalsOf(imports)).toEqual([]);
  });

  it('have a row for each folder, and no other', () => {
    expect(Object.keys(FLOORS).sort()).toEqual(readdirSync('src').sort());
  });

  it('lead down: no folder can reach itself', () => {
    const reached = new Set<string>();
    const reach = (folder: string): void => {
      for (const below of FLOORS[folder]!.folders) {
        if (reached.has(below)) continue;
        reached.add(below);
        reach(below);
      }
    };
    for (const folder of Object.keys(FLOORS)) {
      reached.clear();
      reach(folder);
      expect([folder, reached.has(folder)]).toEqual([folder, false]);
    }
  });

  it('have no circle of files that load one another', () => {
    expect(findCircle(imports)).toBeUndefined();
  });

  it.each([
    ['jobs/worker.ts', "import type { Workspace } from '../compose/workspace.js';"],
    ['registry/history.ts', "import { readFile } from 'node:fs/promises';"],
    ['registry/history.ts', "import { S3Client } from '@aws-sdk/client-s3';"],
    ['adapters/stores/registry.ts', "import { FitService } from '../../training/insides.js';"],
    ['prediction/service.ts', "import { fastify } from 'fastify';"],
    ['prediction/service.ts', "export * from '../training/service.js';"],
    ['prediction/routes.ts', "const { openLane } = await import('../jobs/insides.js');"],
    ['hosts/server.ts', "import { StoredRegistry } from '../adapters/stores/registry.js';"],
    ['compose/index.ts', "import { main } from '../hosts/server.js';"],
    ['core/ids.ts', "import type { Spec } from '../ml/spec.js';"],
    ['ml/trainer/trainer.ts', "type Lmdb = typeof import('lmdb');"],
    ['console/pages.ts', "import { LapidaryError } from '../core/errors.js';"],
  ])('refuse in %s: %s', (file, line) => {
    expect(refusalsOf(importsOf(file, line))).toHaveLength(1);
  });

  it.each([
    ['prediction/service.ts', "import type { ServedModel } from '../serving/service.js';"],
    ['datasets/routes.ts', "import type { FastifyInstance } from 'fastify';"],
    ['adapters/stores/registry.ts', "import type { RegistryStore } from '../../registry/port.js';"],
    ['compose/workspace.ts', "const { UploadService } = await import('../datasets/uploads.js');"],
    ['training/draft/draft.ts', "import { readCsv } from '../../csv/reader.js';"],
  ])('allow in %s: %s', (file, line) => {
    expect(refusalsOf(importsOf(file, line))).toEqual([]);
  });

  it('see a circle by value, and none where only types go round', () => {
    const circle = (type: string) => [
      ...importsOf('a.ts', `import ${type}{ b } from './b.js';`),
      ...importsOf('b.ts', "import { a } from './a.js';"),
    ];
    expect(findCircle(circle(''))).toEqual(['a.ts', 'b.ts', 'a.ts']);
    expect(findCircle(circle('type '))).toBeUndefined();
  });
});
