import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import { Check } from 'typebox/value';
import { LapidaryError } from '../../core/errors.js';
import type { Bytes, DataSource } from '../../rows/source.js';
import { dialectOf, Reading } from '../../rows/text/reading.js';

const strict = { additionalProperties: false };
const Idx = Type.Object({ images: Type.String(), labels: Type.String() }, strict);

/** Names files, of a package or beside the spec; or a dataset, whose batches make up the data. */
const Source = Type.Object(
  {
    package: Type.Optional(Type.String()),
    file: Type.Optional(Type.String()),
    idx: Type.Optional(Type.Object({ training: Idx, test: Idx }, strict)),
    dataset: Type.Optional(Type.String()),
    follow: Type.Optional(Type.Boolean()),
    gate: Type.Optional(Type.Object({ tolerance: Type.Number({ minimum: 0 }) }, strict)),
    ...Reading.properties,
  },
  strict,
);
export type Source = Static<typeof Source>;

export function isSource(value: unknown): value is Source {
  return Check(Source, value);
}

/** Opens the files that a source names. @param beside opens one beside the spec */
export async function openFiles(
  source: Source,
  beside: (file: string) => Bytes,
): Promise<DataSource> {
  if (source.package === undefined) return open(source, '', beside);
  const { directory, name } = await locatePackage(source.package);
  return open(source, name, (file) => openPath(join(directory, file)));
}

/** Returns how many places a source names: one is valid. */
export function placesOf({ file, idx, dataset }: Source): number {
  return [file, idx, dataset].filter((place) => place !== undefined).length;
}

function open(source: Source, name: string, bytes: (file: string) => Bytes): DataSource {
  const { file, idx } = source;
  if (file !== undefined) {
    const format = /\.json(\.gz)?$/i.test(file) ? 'json' : 'csv';
    return { origin: name + file, format, ...readingOf(source), ...bytes(file) };
  }
  const { training, test } = idx!;
  return {
    origin: `${name}${training.images}, ${test.images}`,
    format: 'idx',
    training: { images: bytes(training.images), labels: bytes(training.labels) },
    test: { images: bytes(test.images), labels: bytes(test.labels) },
  };
}

/** Returns what is known of the format of a file. */
export function readingOf(reading: Reading) {
  const { charset } = reading;
  return { dialect: dialectOf(reading), ...(charset !== undefined && { charset }) };
}

/** Opens a file of this machine. */
export function openPath(path: string): Bytes {
  return { read: () => createReadStream(path) };
}

/** Searches the `node_modules` above, since a package's `exports` may hide its files from resolving. */
async function locatePackage(name: string) {
  for (const modules of createRequire(import.meta.url).resolve.paths(name) ?? []) {
    const directory = join(modules, name);
    const manifest = await readFile(join(directory, 'package.json'), 'utf8').catch(() => undefined);
    if (manifest === undefined) continue;
    const { version } = JSON.parse(manifest) as { version: string };
    return { directory, name: `${name}@${version}/` };
  }
  throw new LapidaryError(
    'invalid_dataset',
    `the data is in the package ${name}, which is not installed`,
  );
}
