import { access, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LapidaryError } from '../../core/errors.js';
import { uuidv7 } from '../../core/ids.js';
import type { AliasTarget, RegistryStore } from '../../registry/port.js';
import type { VersionFiles } from '../../registry/version.js';
import { AliasMoves } from './alias-moves.js';
import { orUndefined, syncDirectory, writeDurably } from './durable.js';

const FILES = [
  'version.json',
  'model.json',
  'weights.bin',
] as const satisfies (keyof VersionFiles)[];
const SAFE_NAME = /^[a-z0-9][a-z0-9-]{0,199}$/;

/**
 * Versions in `<directory>/<model>/versions/<id>/`, and each alias as its moves in
 * `<directory>/<model>/aliases/<alias>/`.
 */
export class LocalRegistryStore implements RegistryStore {
  constructor(private readonly directory: string) {}

  async listModels(): Promise<string[]> {
    const entries = await namesIn(this.directory);
    const aliased = await Promise.all(entries.map((model) => this.hasAlias(model)));
    return entries.filter((_, i) => aliased[i]).sort();
  }

  async listVersions(model: string): Promise<string[]> {
    return this.namesOf(model, 'versions');
  }

  async listAliases(model: string): Promise<Map<string, AliasTarget>> {
    const aliases = await this.namesOf(model, 'aliases');
    const targets = await Promise.all(aliases.map((alias) => this.readAlias(model, alias)));
    const entries = aliases.map((alias, i) => [alias, targets[i]] as const);
    return new Map(entries.filter((entry): entry is [string, AliasTarget] => !!entry[1]));
  }

  async readAlias(model: string, alias: string): Promise<AliasTarget | undefined> {
    return areSafe(model, alias) ? (await this.moves(model, alias).last()).target : undefined;
  }

  async aliasHistory(model: string, alias: string): Promise<(AliasTarget | undefined)[]> {
    return areSafe(model, alias) ? this.moves(model, alias).all() : [];
  }

  async readVersion(model: string, id: string): Promise<VersionFiles> {
    const files = await Promise.all(
      FILES.map(async (name) => [name, await this.readFile(model, id, name)] as const),
    );
    return Object.fromEntries(files) as unknown as VersionFiles;
  }

  async readRecord(model: string, id: string): Promise<Uint8Array> {
    if (!areSafe(model, id) || !(await this.has(model, id))) throw notFound(model, id);
    return this.readFile(model, id, 'version.json');
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

  async deleteVersion(model: string, id: string): Promise<void> {
    if (!areSafe(model, id)) throw notFound(model, id);
    await this.refuseInUse(model, id);
    const directory = this.versionDirectory(model, id);
    const trash = join(directory, '..', `.${uuidv7()}`);
    if (!(await orUndefined(rename(directory, trash).then(() => true)))) throw notFound(model, id);
    try {
      // Somebody may have pointed an alias to it meanwhile; whoever does so from now on does not find it.
      await this.refuseInUse(model, id);
    } catch (error) {
      // Unless somebody has published it again.
      await rename(trash, directory).catch(() => rm(trash, { recursive: true }));
      throw error;
    }
    await syncDirectory(join(directory, '..'));
    await rm(trash, { recursive: true });
  }

  async moveAlias(
    model: string,
    alias: string,
    expected: string | undefined,
    next: AliasTarget | undefined,
  ): Promise<void> {
    if (next) this.versionDirectory(model, next.version);
    const moves = this.moves(model, alias);
    const last = await moves.last();
    if (last.target?.version !== expected)
      throw conflict(model, alias, expected, last.target?.version);
    if (next && !(await this.has(model, next.version))) throw notFound(model, next.version);
    if (!(await moves.add(last, next))) {
      const actual = (await moves.last()).target?.version;
      throw conflict(model, alias, expected, actual);
    }
    if (next && !(await this.has(model, next.version))) {
      // It was deleted just now: the alias goes back, unless somebody has moved it on.
      await moves.add({ ...last, number: last.number + 1 }, last.target);
      throw notFound(model, next.version);
    }
  }

  /** Whether an alias points to something; one that cannot be read counts, for whoever asks for it is told. */
  private async hasAlias(model: string): Promise<boolean> {
    for (const alias of await this.namesOf(model, 'aliases')) {
      const last = await this.moves(model, alias)
        .last()
        .catch(() => undefined);
      if (!last || last.target) return true;
    }
    return false;
  }

  private async refuseInUse(model: string, id: string): Promise<void> {
    for (const [alias, { version }] of await this.listAliases(model)) {
      if (version !== id) continue;
      throw new LapidaryError('version_in_use', `${alias} of ${model} points to version ${id}`);
    }
  }

  private async has(model: string, id: string): Promise<boolean> {
    const there = access(this.versionDirectory(model, id)).then(() => true);
    return (await orUndefined(there)) ?? false;
  }

  private async readFile(model: string, id: string, name: string): Promise<Uint8Array> {
    const bytes = await orUndefined(readFile(join(this.versionDirectory(model, id), name)));
    if (bytes) return bytes;
    throw new LapidaryError('version_corrupt', `version ${id} of ${model} lacks ${name}`);
  }

  private async namesOf(model: string, what: 'versions' | 'aliases'): Promise<string[]> {
    if (!areSafe(model)) return [];
    const names = await namesIn(join(this.directory, model, what));
    return names.filter((name) => areSafe(name)).sort();
  }

  private moves(model: string, alias: string): AliasMoves {
    if (!areSafe(model, alias)) {
      throw new LapidaryError('model_not_found', `"${model}/${alias}" is no name of an alias`);
    }
    return new AliasMoves(join(this.directory, model, 'aliases', alias));
  }

  private versionDirectory(model: string, id: string): string {
    if (!areSafe(model, id)) {
      throw new LapidaryError('model_not_found', `"${model}/${id}" is no name of a version`);
    }
    return join(this.directory, model, 'versions', id);
  }
}

const areSafe = (...names: string[]) => names.every((name) => SAFE_NAME.test(name));

async function namesIn(directory: string): Promise<string[]> {
  return (await orUndefined(readdir(directory))) ?? [];
}

function notFound(model: string, id: string): LapidaryError {
  return new LapidaryError('version_not_found', `${model} has no version ${id}`);
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
