import { access, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { uuidv7 } from '../../core/ids.js';
import type { VersionFiles } from '../../registry/index.js';
import type { AliasTarget, RegistryStore } from '../../registry/port.js';
import type { MoveEntries } from '../stores/alias-moves.js';
import { Aliases, areSafe, checkNames, lacks, noVersion } from '../stores/aliases.js';
import {
  createOnce,
  makeDirectory,
  orUndefined,
  removeOld,
  syncDirectory,
  writeDurably,
} from './durable.js';

/** A point and a UUID, as what is written or removed is named meanwhile. */
const SCRATCH = /^\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const FILES = [
  'version.json',
  'model.json',
  'weights.bin',
] as const satisfies (keyof VersionFiles)[];

/**
 * Versions in `<directory>/<model>/versions/<id>/`, and each alias as its moves in
 * `<directory>/<model>/aliases/<alias>/`.
 */
export class LocalRegistryStore implements RegistryStore {
  private readonly aliases = new Aliases({
    aliasNames: (model) => namesIn(join(this.directory, model, 'aliases')),
    moves: (model, alias) => new MoveFiles(join(this.directory, model, 'aliases', alias)),
    hasVersion: (model, id) => this.has(model, id),
  });

  constructor(private readonly directory: string) {}

  async listModels(): Promise<string[]> {
    const entries = await namesIn(this.directory);
    const aliased = await Promise.all(entries.map((model) => this.aliases.hasAny(model)));
    return entries.filter((_, i) => aliased[i]).sort();
  }

  async listVersions(model: string): Promise<string[]> {
    if (!areSafe(model)) return [];
    const names = await namesIn(join(this.directory, model, 'versions'));
    return names.filter((name) => areSafe(name)).sort();
  }

  listAliases(model: string): Promise<Map<string, AliasTarget>> {
    return this.aliases.list(model);
  }

  readAlias(model: string, alias: string): Promise<AliasTarget | undefined> {
    return this.aliases.read(model, alias);
  }

  aliasHistory(model: string, alias: string): Promise<(AliasTarget | undefined)[]> {
    return this.aliases.history(model, alias);
  }

  async readVersion(model: string, id: string): Promise<VersionFiles> {
    const files = await Promise.all(
      FILES.map(async (name) => [name, await this.readFile(model, id, name)] as const),
    );
    return Object.fromEntries(files) as unknown as VersionFiles;
  }

  async readRecord(model: string, id: string): Promise<Uint8Array> {
    if (!areSafe(model, id) || !(await this.has(model, id))) throw noVersion(model, id);
    return this.readFile(model, id, 'version.json');
  }

  async publish(model: string, id: string, files: VersionFiles): Promise<void> {
    const directory = this.versionDirectory(model, id);
    const versions = join(directory, '..');
    const scratch = join(versions, `.${uuidv7()}`);
    await makeDirectory(versions);
    await mkdir(scratch);
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

  async deleteVersion(model: string, id: string): Promise<void> {
    if (!areSafe(model, id)) throw noVersion(model, id);
    await this.aliases.refuseInUse(model, id);
    const directory = this.versionDirectory(model, id);
    const trash = join(directory, '..', `.${uuidv7()}`);
    if (!(await orUndefined(rename(directory, trash).then(() => true)))) throw noVersion(model, id);
    try {
      // Somebody may have pointed an alias to it meanwhile; whoever does so from now on does not find it.
      await this.aliases.refuseInUse(model, id);
    } catch (error) {
      // Unless somebody has published it again.
      await rename(trash, directory).catch(() => rm(trash, { recursive: true }));
      throw error;
    }
    await syncDirectory(join(directory, '..'));
    await rm(trash, { recursive: true });
  }

  moveAlias(
    model: string,
    alias: string,
    expected: string | undefined,
    next: AliasTarget | undefined,
  ): Promise<void> {
    return this.aliases.move(model, alias, expected, next);
  }

  /** Scratch has a name like no other file's: directories of models are people's, too. */
  async sweep(before: Date): Promise<void> {
    const models = (await namesIn(this.directory)).filter((model) => areSafe(model));
    for (const model of models) {
      const home = join(this.directory, model);
      const aliases = (await namesIn(join(home, 'aliases'))).map((name) => join('aliases', name));
      for (const place of ['.', 'versions', ...aliases]) {
        const names = await namesIn(join(home, place));
        for (const name of names.filter((each) => SCRATCH.test(each)))
          await removeOld(join(home, place, name), before);
      }
    }
  }

  private async has(model: string, id: string): Promise<boolean> {
    const there = access(this.versionDirectory(model, id)).then(() => true);
    return (await orUndefined(there)) ?? false;
  }

  private async readFile(model: string, id: string, name: string): Promise<Uint8Array> {
    const bytes = await orUndefined(readFile(join(this.versionDirectory(model, id), name)));
    if (bytes) return bytes;
    throw lacks(model, id, name);
  }

  private versionDirectory(model: string, id: string): string {
    checkNames(model, id);
    return join(this.directory, model, 'versions', id);
  }
}

/** The moves of an alias as files of a directory. */
class MoveFiles implements MoveEntries {
  constructor(private readonly directory: string) {}

  names(): Promise<string[]> {
    return namesIn(this.directory);
  }

  read(name: string): Promise<string> {
    return readFile(join(this.directory, name), 'utf8');
  }

  async create(name: string, text: string): Promise<boolean> {
    await makeDirectory(this.directory);
    return createOnce(join(this.directory, name), Buffer.from(text));
  }
}

async function namesIn(directory: string): Promise<string[]> {
  return (await orUndefined(readdir(directory))) ?? [];
}
