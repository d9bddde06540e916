import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Static } from 'typebox';
import * as Type from 'typebox';
import { Check } from 'typebox/value';
import { LapidaryError } from '../../core/errors.js';
import type { Bytes, DataSource } from '../../rows/source.js';
import { dialectOf, Reading } from '../../rows/text/reading.js';

const strict = { additionalProperties: false };
const Idx = Type.Object({ images: Type.String(), labels: Type.String() }, strict);

/** Names files, in a package or in the directory of the spec; or a dataset. */
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

/** Opens the files that a source names. @param beside opens a file in the directory of the spec */
export async function openFiles(
  source: Source,
  beside: (file: string) => Bytes,
): Promise<DataSource> {
  if (source.package === undefined) return open(source, '', beside);
  const { directory, name } = await locatePackage(source.package);
  return open(source, name, (file) => openPath(join(directory, file)));
}

/** Returns the number of places that a source names; it must be one. */
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

/** Returns the known properties of the format of a file. */
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
    `package ${name}, which contains the data, is not installed`,
  );
}
