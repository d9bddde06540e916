import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { CAPABILITIES, DOORS, FLOORS, OPEN } from './floors.js';
import { findCircle, type Import, importsOf, readImports } from './support/imports.js';

const folderOf = (file: string) => file.split('/')[0]!;
const isCapability = (folder: string) => (CAPABILITIES as readonly string[]).includes(folder);

/** Returns why an import is refused; undefined where it is allowed. */
function refusalOf({ from, to, isPackage, kind }: Import): string | undefined {
  const folder = folderOf(from);
  const floor = FLOORS[folder];
  if (!floor) return `${folder} has no row in test/floors.ts`;
  if (isPackage) {
    if (basename(from) === 'service.ts' && /^(fastify|@aws-sdk|node:fs)/.test(to))
      return `a service sees neither Fastify nor files nor AWS, not ${to}`;
    return floor.packages.includes(to) ? undefined : `${folder} may not import ${to}`;
  }
  const other = folderOf(to);
  if (folder === other) return undefined;
  if (!floor.folders.includes(other)) return `${folder} may not import ${other}`;
  if (folder === 'adapters' && isCapability(other) && kind !== 'types' && !isDoor(to))
    return `adapters see the types and the ports of a capability, not ${to}`;
  if (isCapability(other) && folder !== 'compose' && !isDoor(to))
    return `${to} is inside ${other}: it is imported by its doors only`;
  return undefined;
}

/** A file at the top of its capability that has the name of a door. */
function isDoor(file: string): boolean {
  const [, name, ...deeper] = file.split('/');
  if (OPEN.has(file)) return true;
  return deeper.length === 0 && DOORS.some((door) => name === `${door}.ts`);
}

const refusals = (imports: readonly Import[]) =>
  imports.flatMap((each) => {
    const refusal = refusalOf(each);
    return refusal === undefined ? [] : [`${each.from}: ${refusal}`];
  });

describe('the floors', () => {
  const imports = readImports('src');

  it('hold for every import of src, of types too', () => {
    expect(refusals(imports)).toEqual([]);
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
    expect(refusals(importsOf(file, line))).toHaveLength(1);
  });

  it.each([
    ['prediction/service.ts', "import type { ServedModel } from '../serving/service.js';"],
    ['datasets/routes.ts', "import type { FastifyInstance } from 'fastify';"],
    ['adapters/stores/registry.ts', "import type { RegistryStore } from '../../registry/port.js';"],
    ['compose/workspace.ts', "const { UploadService } = await import('../datasets/uploads.js');"],
    ['training/draft/draft.ts', "import { readCsv } from '../../csv/reader.js';"],
  ])('allow in %s: %s', (file, line) => {
    expect(refusals(importsOf(file, line))).toEqual([]);
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
