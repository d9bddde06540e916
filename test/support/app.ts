import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { JOB_KINDS } from '../../src/compose/capabilities.js';
import { readConfig } from '../../src/compose/config.js';
import { compose } from '../../src/compose/index.js';
import { newLogger } from '../../src/hosts/logger.js';
import { buildApp } from '../../src/http/app.js';
import type { ApiDependencies, Workspace } from '../../src/http/routes.js';

/** The first row of the diamonds. */
export const DIAMOND = {
  carat: 0.23,
  cut: 'Ideal',
  color: 'E',
  clarity: 'SI2',
  depth: 61.5,
  table: 55,
  x: 3.95,
  y: 3.98,
  z: 2.43,
};

export const MODEL_DIR = fileURLToPath(new URL('../../model', import.meta.url));

/** Returns the settings of a server with models and data in a directory outside of the checkout. */
export const configOf = (directory: string) =>
  readConfig({ MODEL_DIR: directory, DATA_DIR: join(directory, '.data') });

// Tests do not write there: they have directories of their own.
const DATA_DIR = join(tmpdir(), `lapidary-no-data-${process.pid}`);
const shipped = await compose(readConfig({ MODEL_DIR, DATA_DIR }));

/** Returns a logger and its lines. */
export function testLog() {
  const lines: Record<string, unknown>[] = [];
  const log = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)) as Record<string, unknown>);
      done();
    },
  });
  return { lines, logger: newLogger('info', { destination: log }) };
}

/** Returns the API with the shipped models, and its log lines. */
export function testApp(
  overrides: Partial<ApiDependencies & Workspace> = {},
  { lines, logger } = testLog(),
) {
  const { registry, versions, predictions } = shipped.operator;
  const { operator: given, ...rest } = overrides;
  const operator: Workspace = { registry, versions, predictions, ...given, ...rest };
  const dependencies: ApiDependencies & Workspace = {
    ...operator,
    operator,
    workspaceOf: shipped.workspaceOf,
    jobKinds: JOB_KINDS,
    logger,
    limits: { bodyBytes: 1_000_000, maxInstances: 1000 },
    admin: true,
    ...rest,
  };
  return { app: buildApp(dependencies), dependencies, lines, registry: dependencies.registry };
}
