import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { LapidaryError } from '../../core/errors.js';
import type { DataSource } from '../../datasets/port.js';
import type { ModelDefinitions } from '../../training/port.js';

/** Names a file, of a package or else beside the spec. */
interface SourceFile {
  package?: string;
  file: string;
}

const SAFE_NAME = /^[a-z][a-z0-9-]*$/;

/** Models defined by `<directory>/<model>/spec.json`, their data named by `source.json` beside it. */
export class LocalModelDefinitions implements ModelDefinitions {
  constructor(private readonly directory: string) {}

  async list(): Promise<string[]> {
    const entries = await readdir(this.directory).catch(() => []);
    const defined = await Promise.all(entries.map((model) => this.read(model, 'spec.json')));
    return entries.filter((_, i) => defined[i] !== undefined).sort();
  }

  async readSpec(model: string): Promise<unknown> {
    return this.readJson(model, 'spec.json');
  }

  async openData(model: string): Promise<DataSource> {
    const source = (await this.readJson(model, 'source.json')) as SourceFile;
    const { path, origin } =
      source.package === undefined
        ? { path: join(this.directory, model, source.file), origin: source.file }
        : await locateInPackage(source.package, source.file);
    return { origin, read: () => createReadStream(path) };
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

/** Looks through the `node_modules` above; a package's `exports` may hide its files from resolving. */
async function locateInPackage(name: string, file: string) {
  for (const modules of createRequire(import.meta.url).resolve.paths(name) ?? []) {
    const manifest = await readFile(join(modules, name, 'package.json'), 'utf8').catch(
      () => undefined,
    );
    if (manifest === undefined) continue;
    const { version } = JSON.parse(manifest) as { version: string };
    return { path: join(modules, name, file), origin: `${name}@${version}/${file}` };
  }
  throw new LapidaryError(
    'invalid_dataset',
    `the data is in the package ${name}, which is not installed`,
  );
}
