import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

/** Imports that the floors refuse, by the file they would stand in. */
const REFUSED: readonly [file: string, line: string][] = [
  ['src/core/ids.ts', "export { Table } from '../ml/table.js';"],
  ['src/ml/metrics.ts', "export { Registry } from '../registry/service.js';"],
  ['src/ml/encoding/fit.ts', "export { buildApp } from '../../http/app.js';"],
  ['src/ml/trainer.ts', "export { readFile } from 'node:fs/promises';"],
  ['src/registry/service.ts', "export { PredictionService } from '../prediction/service.js';"],
  ['src/registry/service.ts', "export { readFile } from 'node:fs/promises';"],
  ['src/prediction/service.ts', "export { fastify } from 'fastify';"],
  ['src/prediction/batches/csv.ts', "export { readFile } from 'node:fs/promises';"],
  ['src/prediction/service.ts', "export { TrainingService } from '../training/service.js';"],
  [
    'src/datasets/service.ts',
    "export { LocalRegistryStore } from '../adapters/local/registry.js';",
  ],
  ['src/access/service.ts', "export { Registry } from '../registry/service.js';"],
  ['src/access/service.ts', "export { fastify } from 'fastify';"],
  ['src/prediction/service.ts', "export { AccessService } from '../access/service.js';"],
  ['src/http/app.ts', "export { compose } from '../compose.js';"],
  ['src/adapters/local/registry.ts', "export { Registry } from '../../registry/service.js';"],
  ['src/hosts/server.ts', "export { LocalRegistryStore } from '../adapters/local/registry.js';"],
  ['src/hosts/server.ts', 'export const port = process.env.PORT;'],
  ['src/compose.ts', "export { main } from './hosts/server.js';"],
];

const ALLOWED: readonly [file: string, line: string][] = [
  ['src/access/service.ts', "export { sha256 } from '../core/checksum.js';"],
  ['src/access/routes.ts', "export { fastify } from 'fastify';"],
  ['src/http/access.ts', "export { AccessService } from '../access/service.js';"],
  ['src/ml/metrics.ts', "export { sha256 } from '../core/checksum.js';"],
  ['src/prediction/service.ts', "export { Registry } from '../registry/service.js';"],
  [
    'src/adapters/local/registry.ts',
    "export type { RegistryStore } from '../../registry/port.js';",
  ],
  ['src/compose.ts', "export { LocalRegistryStore } from './adapters/local/registry.js';"],
  ['src/config.ts', 'export const port = process.env.PORT;'],
];

describe('the floors rule', () => {
  const tree = mkdtempSync(join(tmpdir(), 'lapidary-floors-'));
  const placed = new Map<string, number>();
  let reported = '';

  beforeAll(() => {
    const lines = new Map<string, string[]>();
    for (const [file, line] of [...REFUSED, ...ALLOWED]) {
      const text = lines.get(file) ?? [];
      placed.set(file + line, text.push(line));
      lines.set(file, text);
    }
    copyFileSync('biome.json', join(tree, 'biome.json'));
    for (const [file, text] of lines) {
      mkdirSync(join(tree, dirname(file)), { recursive: true });
      writeFileSync(join(tree, file), `${text.join('\n')}\n`);
    }
    const biome = resolve('node_modules/.bin/biome');
    reported = spawnSync(
      biome,
      ['lint', '--reporter=github', '--vcs-enabled=false', '--max-diagnostics=100'],
      {
        cwd: tree,
        encoding: 'utf8',
      },
    ).stdout;
  });
  afterAll(() => rmSync(tree, { recursive: true }));

  const isReported = (file: string, line: string): boolean =>
    reported
      .split('\n')
      .some(
        (report) =>
          report.includes('style/no') &&
          report.includes(`/${file},line=${placed.get(file + line)},`),
      );

  it.each(REFUSED)('refuses in %s: %s', (file, line) => {
    expect(isReported(file, line)).toBe(true);
  });

  it.each(ALLOWED)('allows in %s: %s', (file, line) => {
    expect(isReported(file, line)).toBe(false);
  });
});
