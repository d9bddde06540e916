import { stat } from 'node:fs/promises';
import { type ErrorCode, LapidaryError } from '../../core/errors.js';
import { missingFile } from '../../core/missing-file.js';
import type { Spec } from '../../ml/spec.js';
import type { Bytes, DataSource } from '../../rows/source.js';
import type { Reading } from '../../rows/text/reading.js';
import type { ModelDefinition, ModelDefinitions, Upkeep } from '../../training/port.js';
import { isSource, openFiles, openPath, placesOf, readingOf } from './model-source.js';

/** Spec and source in one file, so that both are replaced at once. */
interface Fitted {
  spec: unknown;
  source: unknown;
}
const FITTED = 'definition.json';

/** A longer one no file could have. */
const SAFE_NAME = /^[a-z][a-z0-9-]{0,199}$/;
const UNUSABLE: readonly ErrorCode[] = ['model_not_found', 'invalid_spec'];

/** The files of models, wherever they are kept. */
export interface ModelFiles {
  /** What may be names of models. */
  models(): Promise<string[]>;
  /** Undefined when it is not there. */
  read(model: string, file: string): Promise<string | undefined>;
  /** Puts a file in place of the one before, whole and for good. */
  replace(model: string, file: string, text: string): Promise<void>;
  remove(model: string, file: string): Promise<void>;
  open(model: string, file: string): Bytes;
  /** Sees to it that data on this machine is there for whoever trains the model. @returns its name for {@link open} */
  keepData(model: string, path: string): Promise<string>;
}

/**
 * Models defined by `<model>/spec.json`, their data named by `source.json` beside it. What was defined over
 * the API is `definition.json`, which goes before those.
 */
export class StoredModelDefinitions implements ModelDefinitions {
  /** @param openDataset opens a dataset that a source names */
  constructor(
    private readonly files: ModelFiles,
    private readonly openDataset: (name: string) => Promise<DataSource>,
  ) {}

  async list(): Promise<string[]> {
    const names = await this.files.models();
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

  async define(spec: Spec, dataset: string, upkeep: Upkeep): Promise<void> {
    checkName(spec.name);
    const fitted: Fitted = { spec, source: { dataset, ...upkeep } };
    await this.files.replace(spec.name, FITTED, toJson(fitted));
  }

  async remove(model: string): Promise<boolean> {
    if ((await this.read(model, 'spec.json')) !== undefined)
      throw new LapidaryError('model_protected', `"${model}" is defined by files: remove those`);
    if ((await this.read(model, FITTED)) === undefined) return false;
    await this.files.remove(model, FITTED);
    return true;
  }

  async openData(model: string): Promise<DataSource> {
    const fitted = await this.readFitted(model);
    return this.openSource(model, fitted?.source);
  }

  /** @param known its source, when that was read already */
  private async openSource(model: string, known: unknown): Promise<DataSource> {
    const source = known ?? (await this.readJson(model, 'source.json'));
    if (!isSource(source) || placesOf(source) !== 1) {
      throw new LapidaryError(
        'invalid_dataset',
        `source.json of "${model}" names no file, idx files or dataset, or more than one`,
      );
    }
    if (source.dataset !== undefined) return this.openDataset(source.dataset);
    return openFiles(source, (file) => this.files.open(model, file));
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
    await this.files.replace(spec.name, 'spec.json', toJson(spec));
    await this.files.remove(spec.name, FITTED);
  }

  async writeSource(model: string, path: string, reading: Reading = {}): Promise<void> {
    checkName(model);
    const file = await this.files.keepData(model, path);
    await this.files.replace(model, 'source.json', toJson({ file, ...reading }));
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
    return SAFE_NAME.test(model) ? this.files.read(model, file) : undefined;
  }
}

function checkName(model: string): void {
  if (!SAFE_NAME.test(model))
    throw new LapidaryError('model_not_found', `"${model}" is no name of a model`);
}

/** A source that is not there, or no JSON, is no reason not to know the rest. */
function undefinedIfUnusable(error: unknown): undefined {
  const unusable = error instanceof LapidaryError && UNUSABLE.includes(error.code);
  if (!unusable) throw error;
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
