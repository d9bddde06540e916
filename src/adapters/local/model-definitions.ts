import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { type Static, Type } from 'typebox';
import { Check } from 'typebox/value';
import { LapidaryError } from '../../core/errors.js';
import type { Bytes, DataSource } from '../../datasets/port.js';
import type { Spec } from '../../ml/spec.js';
import type { ModelDefinition, ModelDefinitions, Upkeep } from '../../training/port.js';
import { makeDirectory, replaceFile, syncDirectory, writeDurably } from './durable.js';

const strict = { additionalProperties: false };
const Idx = Type.Object({ images: Type.String(), labels: Type.String() }, strict);

/** Names files, of a package or else beside the spec; or a dataset, of all whose batches the data is made. */
const Source = Type.Object(
  {
    package: Type.Optional(Type.String()),
    file: Type.Optional(Type.String()),
    idx: Type.Optional(Type.Object({ training: Idx, test: Idx }, strict)),
    dataset: Type.Optional(Type.String()),
    follow: Type.Optional(Type.Boolean()),
    gate: Type.Optional(Type.Object({ tolerance: Type.Number({ minimum: 0 }) }, strict)),
  },
  strict,
);
type Source = Static<typeof Source>;

/** Spec and source in one file, so that both are replaced at once. */
interface Fitted {
  spec: unknown;
  source: unknown;
}
const FITTED = 'definition.json';

const SAFE_NAME = /^[a-z][a-z0-9-]*$/;

/**
 * Models defined by `<directory>/<model>/spec.json`, their data named by `source.json` beside it. What was
 * defined over the API is `definition.json`, which goes before those.
 */
export class LocalModelDefinitions implements ModelDefinitions {
  /** @param openDataset opens a dataset that a source names */
  constructor(
    private readonly directory: string,
    private readonly openDataset: (name: string) => Promise<DataSource>,
  ) {}

  async list(): Promise<string[]> {
    const entries = await readdir(this.directory).catch(() => []);
    const defined = await Promise.all(entries.map((model) => this.has(model)));
    return entries.filter((_, i) => defined[i]).sort();
  }

  async readDefinition(model: string): Promise<ModelDefinition> {
    const fitted = (await this.readFitted(model)) ?? {
      spec: await this.readJson(model, 'spec.json'),
      source: await this.readJson(model, 'source.json').catch(() => undefined),
    };
    const { dataset, follow, gate } = Check(Source, fitted.source) ? fitted.source : {};
    return {
      spec: fitted.spec,
      ...(dataset !== undefined && { dataset }),
      follow: dataset !== undefined && follow === true,
      ...(gate && { gate }),
      openData: () => this.openSource(model, fitted.source),
    };
  }

  async define(spec: Spec, dataset: string, upkeep: Upkeep): Promise<void> {
    const directory = join(this.directory, spec.name);
    await makeDirectory(directory);
    const fitted: Fitted = { spec, source: { dataset, ...upkeep } };
    await replaceFile(join(directory, FITTED), toJson(fitted));
  }

  async remove(model: string): Promise<boolean> {
    if ((await this.read(model, 'spec.json')) !== undefined)
      throw new LapidaryError('model_protected', `"${model}" is defined by files: remove those`);
    if ((await this.read(model, FITTED)) === undefined) return false;
    const directory = join(this.directory, model);
    await rm(join(directory, FITTED), { force: true });
    await syncDirectory(directory);
    return true;
  }

  async openData(model: string): Promise<DataSource> {
    const fitted = await this.readFitted(model);
    return this.openSource(model, fitted?.source);
  }

  /** @param known its source, when that was read already */
  private async openSource(model: string, known: unknown): Promise<DataSource> {
    const source = known ?? (await this.readJson(model, 'source.json'));
    if (!Check(Source, source) || places(source) !== 1) {
      throw new LapidaryError(
        'invalid_dataset',
        `source.json of "${model}" names no file, idx files or dataset, or more than one`,
      );
    }
    if (source.dataset !== undefined) return this.openDataset(source.dataset);
    const { directory, name } =
      source.package === undefined
        ? { directory: join(this.directory, model), name: '' }
        : await locatePackage(source.package);
    return openSource(source, directory, name);
  }

  async readNotes(model: string): Promise<string | undefined> {
    return this.read(model, 'notes.md');
  }

  async has(model: string): Promise<boolean> {
    const [fitted, spec] = await Promise.all([
      this.read(model, FITTED),
      this.read(model, 'spec.json'),
    ]);
    return fitted !== undefined || spec !== undefined;
  }

  async openFile(path: string): Promise<DataSource> {
    const found = await stat(path).catch(() => undefined);
    if (!found?.isFile()) throw new LapidaryError('invalid_dataset', `there is no file ${path}`);
    return { origin: path, format: 'csv', read: () => createReadStream(path) };
  }

  async write(spec: Spec, path: string): Promise<void> {
    await this.writeSource(spec.name, path);
    await this.writeJson(spec.name, 'spec.json', spec);
    await rm(join(this.directory, spec.name, FITTED), { force: true });
  }

  async writeSource(model: string, path: string): Promise<void> {
    const directory = join(this.directory, model);
    await mkdir(directory, { recursive: true });
    await this.writeJson(model, 'source.json', { file: relative(directory, path) });
  }

  private async writeJson(model: string, file: string, value: unknown): Promise<void> {
    await writeDurably(join(this.directory, model, file), toJson(value));
  }

  private async readFitted(model: string): Promise<Fitted | undefined> {
    if ((await this.read(model, FITTED)) === undefined) return undefined;
    return (await this.readJson(model, FITTED)) as Fitted;
  }

  private async readJson(model: string, file: string): Promise<unknown> {
    const text = await this.read(model, file);
    if (text === undefined)
      throw new LapidaryError('model_not_found', `model "${model}" has no ${file}`);
    try {
      return JSON.parse(text);
    } catch (error) {
      const detail = `${file} of "${model}" is not valid JSON: ${(error as Error).message}`;
      throw new LapidaryError('invalid_spec', detail, [], { cause: error });
    }
  }

  private async read(model: string, file: string): Promise<string | undefined> {
    if (!SAFE_NAME.test(model)) return undefined;
    return readFile(join(this.directory, model, file), 'utf8').catch(() => undefined);
  }
}

function toJson(value: unknown): Uint8Array {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
}

function places({ file, idx, dataset }: Source): number {
  return [file, idx, dataset].filter((place) => place !== undefined).length;
}

function openSource({ file, idx }: Source, directory: string, name: string): DataSource {
  const bytes = (path: string): Bytes => ({ read: () => createReadStream(join(directory, path)) });
  if (file !== undefined) {
    const format = file.endsWith('.json') ? 'json' : 'csv';
    return { origin: name + file, format, ...bytes(file) };
  }
  const { training, test } = idx!;
  return {
    origin: `${name}${training.images}, ${test.images}`,
    format: 'idx',
    training: { images: bytes(training.images), labels: bytes(training.labels) },
    test: { images: bytes(test.images), labels: bytes(test.labels) },
  };
}

/** Looks through the `node_modules` above; a package's `exports` may hide its files from resolving. */
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
