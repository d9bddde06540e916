import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, posix } from 'node:path';
import { type ErrorCode, LapidaryError } from '../../core/errors.js';
import { uuidv7 } from '../../core/ids.js';
import { missingFile } from '../../core/missing-file.js';
import type { Spec } from '../../ml/spec.js';
import type { DataSource } from '../../rows/source.js';
import type { Reading } from '../../rows/text/reading.js';
import type { ModelDefinition, ModelDefinitions, ModelPolicy } from '../../training/port.js';
import type { Objects } from '../objects/objects.js';
import { isSource, openFiles, openPath, placesOf, readingOf } from './model-source.js';

/** Spec and source in one file, so that both are replaced together. */
interface Fitted {
  spec: unknown;
  source: unknown;
}
const FITTED = 'definition.json';

const ROOT = 'models/';
/** Longer names exceed the limits of file systems. */
const SAFE_NAME = /^[a-z][a-z0-9-]{0,199}$/;
const UNUSABLE: readonly ErrorCode[] = ['model_not_found', 'invalid_spec'];

/**
 * Stores definitions: `models/<model>/spec.json`, with `source.json` naming the data. A definition over the API is
 * `definition.json`, which takes precedence.
 */
export class StoredModelDefinitions implements ModelDefinitions {
  /** @param openDataset opens a dataset that a source names */
  constructor(
    private readonly objects: Objects,
    private readonly openDataset: (name: string) => Promise<DataSource>,
  ) {}

  async list(): Promise<string[]> {
    const names = await this.objects.names(ROOT);
    const defined = await Promise.all(names.map((model) => this.has(model)));
    return names.filter((_, i) => defined[i]).sort();
  }

  async readDefinition(model: string): Promise<ModelDefinition> {
    const fitted = (await this.readFitted(model)) ?? {
      spec: await this.readJson(model, 'spec.json'),
      source: await this.readJson(model, 'source.json').catch(undefinedIfUnusable),
    };
    const { dataset, follow, gate } = isSource(fitted.source) ? fitted.source : {};
    return {
      spec: fitted.spec,
      ...(dataset !== undefined && { dataset }),
      follow: dataset !== undefined && follow === true,
      ...(gate && { gate }),
      openData: () => this.openSource(model, fitted.source),
    };
  }

  async define(spec: Spec, dataset: string, policy: ModelPolicy): Promise<void> {
    checkName(spec.name);
    const fitted: Fitted = { spec, source: { dataset, ...policy } };
    await this.replace(spec.name, FITTED, fitted);
  }

  async remove(model: string): Promise<boolean> {
    if ((await this.read(model, 'spec.json')) !== undefined)
      throw new LapidaryError('model_protected', `"${model}" is defined by files: remove those`);
    if ((await this.read(model, FITTED)) === undefined) return false;
    await this.objects.remove([keyOf(model, FITTED)]);
    return true;
  }

  async openData(model: string): Promise<DataSource> {
    const fitted = await this.readFitted(model);
    return this.openSource(model, fitted?.source);
  }

  /** @param known the source, if it is read already */
  private async openSource(model: string, known: unknown): Promise<DataSource> {
    const source = known ?? (await this.readJson(model, 'source.json'));
    if (!isSource(source) || placesOf(source) !== 1) {
      throw new LapidaryError(
        'invalid_dataset',
        `source.json of "${model}" names no file, idx files or dataset, or more than one`,
      );
    }
    if (source.dataset !== undefined) return this.openDataset(source.dataset);
    return openFiles(source, (file) => ({ read: () => this.objects.stream(keyOf(model, file)) }));
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

  async openFile(path: string, reading: Reading = {}): Promise<DataSource> {
    const found = await stat(path).catch(() => undefined);
    if (!found?.isFile()) throw missingFile(path, found?.isDirectory());
    return { origin: path, format: 'csv', ...readingOf(reading), ...openPath(path) };
  }

  async write(spec: Spec, path: string, reading: Reading = {}): Promise<void> {
    await this.writeSource(spec.name, path, reading);
    await this.replace(spec.name, 'spec.json', spec);
    await this.objects.remove([keyOf(spec.name, FITTED)]);
  }

  async writeSource(model: string, path: string, reading: Reading = {}): Promise<void> {
    checkName(model);
    const near = this.objects.pathFrom?.(keyOf(model, ''), path);
    const file = near ?? (await this.copyData(model, path));
    await this.replace(model, 'source.json', { file, ...reading });
  }

  /** Copies a file to a new key, so that readers of an earlier copy can continue. @returns its name in the source */
  private async copyData(model: string, path: string): Promise<string> {
    const file = `data/${uuidv7()}/${basename(path)}`;
    const writer = this.objects.write(keyOf(model, file));
    try {
      for await (const bytes of createReadStream(path)) await writer.write(bytes as Uint8Array);
      await writer.end();
    } finally {
      await writer.abort();
    }
    return file;
  }

  private replace(model: string, file: string, value: unknown): Promise<void> {
    const text = `${JSON.stringify(value, null, 2)}\n`;
    return this.objects.replace(keyOf(model, file), Buffer.from(text));
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
    return SAFE_NAME.test(model) ? this.objects.readText(keyOf(model, file)) : undefined;
  }
}

function checkName(model: string): void {
  if (!SAFE_NAME.test(model))
    throw new LapidaryError('model_not_found', `"${model}" is not the name of a model`);
}

/** Ignores a source that is missing or not JSON, so that the rest can be read. */
function undefinedIfUnusable(error: unknown): undefined {
  const unusable = error instanceof LapidaryError && UNUSABLE.includes(error.code);
  if (!unusable) throw error;
}

/** A source may name data of another model, `../gems/data.csv`. */
function keyOf(model: string, file: string): string {
  return ROOT + posix.join(model, file);
}
