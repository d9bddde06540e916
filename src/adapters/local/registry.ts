import { access, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LapidaryError } from '../../core/errors.js';
import { uuidv7 } from '../../core/ids.js';
import type { RegistryStore } from '../../registry/port.js';
import type { VersionFiles } from '../../registry/version.js';
import { createOnce, orUndefined, syncDirectory, writeDurably } from './durable.js';

const FILES = [
  'version.json',
  'model.json',
  'weights.bin',
] as const satisfies (keyof VersionFiles)[];
const SAFE_NAME = /^[a-z0-9][a-z0-9-]*$/;
const MOVE = /^[1-9]\d*$/;

/**
 * Versions in `<directory>/<model>/versions/<id>/`, and an alias as its moves: the file
 * `<directory>/<model>/aliases/<alias>/<n>` holds the version that the n-th move pointed it to. A move
 * claims the next number, which only one of several movers gets, be they processes or machines.
 */
export class LocalRegistryStore implements RegistryStore {
  constructor(private readonly directory: string) {}

  async listModels(): Promise<string[]> {
    const entries = await namesIn(this.directory);
    const aliased = await Promise.all(
      entries.map(async (model) => (await namesIn(join(this.directory, model, 'aliases'))).length),
    );
    return entries.filter((_, i) => aliased[i]! > 0).sort();
  }

  async readAlias(model: string, alias: string): Promise<string | undefined> {
    return (await this.lastMove(model, alias))?.id;
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
    const directory = this.versionDirectory(model, id);
    const versions = join(directory, '..');
    const scratch = join(versions, `.${uuidv7()}`);
    await mkdir(scratch, { recursive: true });
    try {
      for (const name of FILES) await writeDurably(join(scratch, name), files[name]);
      await syncDirectory(scratch);
      await rename(scratch, directory);
      await syncDirectory(versions);
    } catch (error) {
      await rm(scratch, { recursive: true });
      // The version is there already, and the one that is there is the same.
      if (['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) return;
      throw error;
    }
  }

  async moveAlias(
    model: string,
    alias: string,
    expected: string | undefined,
    next: string,
  ): Promise<void> {
    const version = this.versionDirectory(model, next);
    const last = await this.lastMove(model, alias);
    if (last?.id !== expected) throw conflict(model, alias, expected, last?.id);
    if ((await orUndefined(access(version).then(() => true))) === undefined) {
      throw new LapidaryError('version_not_found', `${model} has no version ${next}`);
    }
    const moves = this.aliasDirectory(model, alias);
    await mkdir(moves, { recursive: true });
    const move = join(moves, String((last?.number ?? 0) + 1));
    if (!(await createOnce(move, Buffer.from(`${next}\n`)))) {
      throw conflict(model, alias, expected, await this.readAlias(model, alias));
    }
  }

  private async lastMove(
    model: string,
    alias: string,
  ): Promise<{ number: number; id: string } | undefined> {
    if (!SAFE_NAME.test(model) || !SAFE_NAME.test(alias)) return undefined;
    const directory = this.aliasDirectory(model, alias);
    const moves = (await namesIn(directory)).filter((name) => MOVE.test(name)).map(Number);
    if (moves.length === 0) return undefined;
    const number = Math.max(...moves);
    return { number, id: (await readFile(join(directory, String(number)), 'utf8')).trim() };
  }

  private aliasDirectory(model: string, alias: string): string {
    if (!SAFE_NAME.test(alias)) {
      throw new LapidaryError('model_not_found', `"${alias}" is no name of an alias`);
    }
    return join(this.directory, model, 'aliases', alias);
  }

  private versionDirectory(model: string, id: string): string {
    if (!SAFE_NAME.test(model) || !SAFE_NAME.test(id)) {
      throw new LapidaryError('model_not_found', `"${model}/${id}" is no name of a version`);
    }
    return join(this.directory, model, 'versions', id);
  }
}

async function namesIn(directory: string): Promise<string[]> {
  return (await orUndefined(readdir(directory))) ?? [];
}

function conflict(
  model: string,
  alias: string,
  expected: string | undefined,
  actual: string | undefined,
): LapidaryError {
  const detail = `${alias} of ${model} points to ${actual ?? 'nothing'}, not to ${expected ?? 'nothing'}`;
  return new LapidaryError('version_conflict', detail);
}
