import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LapidaryError } from '../../core/errors.js';
import { uuidv7 } from '../../core/ids.js';
import type { RegistryStore } from '../../registry/port.js';
import type { VersionFiles } from '../../registry/version.js';

const FILES = [
  'version.json',
  'model.json',
  'weights.bin',
] as const satisfies (keyof VersionFiles)[];
const SAFE_NAME = /^[a-z0-9][a-z0-9-]*$/;

/**
 * Versions in `<directory>/<model>/versions/<id>/`, aliases in `<directory>/<model>/aliases.json`.
 * Everything is written under another name, flushed, then renamed: a reader sees it whole or not at all.
 */
export class LocalRegistryStore implements RegistryStore {
  constructor(private readonly directory: string) {}

  async listModels(): Promise<string[]> {
    const entries = await orUndefined(readdir(this.directory));
    const aliased = await Promise.all(
      (entries ?? []).map(async (model) => Object.keys(await this.aliases(model)).length > 0),
    );
    return (entries ?? []).filter((_, i) => aliased[i]).sort();
  }

  async readAlias(model: string, alias: string): Promise<string | undefined> {
    return (await this.aliases(model))[alias];
  }

  async readVersion(model: string, id: string): Promise<VersionFiles> {
    const directory = this.versionDirectory(model, id);
    const files = await Promise.all(
      FILES.map(async (name) => {
        const bytes = await orUndefined(readFile(join(directory, name)));
        if (!bytes)
          throw new LapidaryError('version_corrupt', `version ${id} of ${model} lacks ${name}`);
        return [name, bytes] as const;
      }),
    );
    return Object.fromEntries(files) as unknown as VersionFiles;
  }

  async publish(model: string, id: string, files: VersionFiles): Promise<void> {
    const versions = join(this.directory, model, 'versions');
    const scratch = join(versions, `.${uuidv7()}`);
    await mkdir(scratch, { recursive: true });
    for (const name of FILES) await writeDurably(join(scratch, name), files[name]);
    await syncDirectory(scratch);
    // Renaming onto a version that is there already fails, and the one that is there is the same.
    const isNew = await rename(scratch, this.versionDirectory(model, id)).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOTEMPTY' || error.code === 'EEXIST') return false;
        throw error;
      },
    );
    if (isNew) await syncDirectory(versions);
    else await rm(scratch, { recursive: true });
  }

  async moveAlias(
    model: string,
    alias: string,
    expected: string | undefined,
    next: string,
  ): Promise<void> {
    const aliases = await this.aliases(model);
    if (aliases[alias] !== expected) {
      const detail = `${alias} of ${model} points to ${aliases[alias] ?? 'nothing'}, not to ${expected ?? 'nothing'}`;
      throw new LapidaryError('version_conflict', detail);
    }
    const directory = join(this.directory, model);
    const scratch = join(directory, `.aliases-${uuidv7()}`);
    await writeDurably(
      scratch,
      Buffer.from(`${JSON.stringify({ ...aliases, [alias]: next }, null, 2)}\n`),
    );
    await rename(scratch, join(directory, 'aliases.json'));
    await syncDirectory(directory);
  }

  private async aliases(model: string): Promise<Record<string, string>> {
    if (!SAFE_NAME.test(model)) return {};
    const text = await orUndefined(readFile(join(this.directory, model, 'aliases.json'), 'utf8'));
    return text === undefined ? {} : (JSON.parse(text) as Record<string, string>);
  }

  private versionDirectory(model: string, id: string): string {
    if (!SAFE_NAME.test(model) || !SAFE_NAME.test(id)) {
      throw new LapidaryError('model_not_found', `"${model}/${id}" is no name of a version`);
    }
    return join(this.directory, model, 'versions', id);
  }
}

/** What is not there is undefined; any other failure stays one. */
async function orUndefined<Value>(reading: Promise<Value>): Promise<Value | undefined> {
  return reading.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A rename lasts once the directory that holds the name is flushed. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
