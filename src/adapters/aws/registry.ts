import type { AliasTarget, RegistryStore } from '../../registry/port.js';
import type { VersionFiles } from '../../registry/version.js';
import type { MoveEntries } from '../shared/alias-moves.js';
import { Aliases, areSafe, checkNames, lacks, noVersion } from '../shared/aliases.js';
import type { Bucket } from './bucket.js';
import { MissingObject } from './ranges.js';

const ROOT = 'models/';
/** A version is there as long as this is. */
const RECORD = 'version.json';
const OTHERS = ['model.json', 'weights.bin'] as const satisfies (keyof VersionFiles)[];

/**
 * Versions and moves under the keys that the files on disk have, so that a directory of models can be copied
 * here as it is: `models/<model>/versions/<id>/`, `models/<model>/aliases/<alias>/<n>`.
 */
export class S3RegistryStore implements RegistryStore {
  private readonly aliases = new Aliases({
    aliasNames: (model) => this.bucket.names(`${ROOT}${model}/aliases/`),
    moves: (model, alias) => new MoveObjects(this.bucket, `${ROOT}${model}/aliases/${alias}/`),
    hasVersion: (model, id) => this.bucket.has(keyOf(model, id, RECORD)),
  });

  constructor(private readonly bucket: Bucket) {}

  async listModels(): Promise<string[]> {
    const names = await this.bucket.names(ROOT);
    const aliased = await Promise.all(names.map((model) => this.aliases.hasAny(model)));
    return names.filter((_, i) => aliased[i]).sort();
  }

  async listVersions(model: string): Promise<string[]> {
    if (!areSafe(model)) return [];
    const prefix = `${ROOT}${model}/versions/`;
    const ids: string[] = [];
    for await (const { key } of this.bucket.list(prefix)) {
      const [id, file] = key.slice(prefix.length).split('/');
      if (file === RECORD && areSafe(id!)) ids.push(id!);
    }
    return ids.sort();
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
    checkNames(model, id);
    const files = await Promise.all(
      [RECORD, ...OTHERS].map(
        async (name) => [name, await this.readFile(model, id, name)] as const,
      ),
    );
    return Object.fromEntries(files) as unknown as VersionFiles;
  }

  async readRecord(model: string, id: string): Promise<Uint8Array> {
    if (!areSafe(model, id)) throw noVersion(model, id);
    const bytes = await this.bucket.read(keyOf(model, id, RECORD));
    if (bytes) return bytes;
    const isThere = await this.bucket.hasAny(keyOf(model, id, ''));
    throw isThere ? lacks(model, id, RECORD) : noVersion(model, id);
  }

  async publish(model: string, id: string, files: VersionFiles): Promise<void> {
    checkNames(model, id);
    const record = files[RECORD];
    const others = OTHERS.map((name) => [keyOf(model, id, name), files[name]] as const);
    for (const [key, bytes] of others) await this.bucket.createOnce(key, bytes);
    await this.bucket.createOnce(keyOf(model, id, RECORD), record);
    // Who deleted it meanwhile may have taken those away that were found in place: see deleteVersion.
    for (const [key, bytes] of others)
      if (!(await this.bucket.has(key))) await this.bucket.createOnce(key, bytes);
  }

  async deleteVersion(model: string, id: string): Promise<void> {
    if (!areSafe(model, id)) throw noVersion(model, id);
    const record = await this.bucket.read(keyOf(model, id, RECORD));
    if (!record) throw noVersion(model, id);
    await this.aliases.refuseInUse(model, id);
    // Should it be published again meanwhile, it has to be made whole.
    const others = await Promise.all(
      OTHERS.map(async (name) => [name, await this.bucket.read(keyOf(model, id, name))] as const),
    );
    await this.bucket.remove([keyOf(model, id, RECORD)]);
    try {
      // Somebody may have pointed an alias to it meanwhile; whoever does so from now on does not find it.
      await this.aliases.refuseInUse(model, id);
    } catch (error) {
      await this.bucket.createOnce(keyOf(model, id, RECORD), record);
      throw error;
    }
    await this.bucket.remove(OTHERS.map((name) => keyOf(model, id, name)));
    // Who publishes it looks after the record was put whether all is there, and we after we took away what was:
    // one of both sees what the other did.
    if (!(await this.bucket.has(keyOf(model, id, RECORD)))) return;
    for (const [name, bytes] of others)
      if (bytes) await this.bucket.createOnce(keyOf(model, id, name), bytes);
  }

  moveAlias(
    model: string,
    alias: string,
    expected: string | undefined,
    next: AliasTarget | undefined,
  ): Promise<void> {
    return this.aliases.move(model, alias, expected, next);
  }

  private async readFile(model: string, id: string, name: string): Promise<Uint8Array> {
    const bytes = await this.bucket.read(keyOf(model, id, name));
    if (bytes) return bytes;
    throw lacks(model, id, name);
  }
}

/** The moves of an alias as objects. */
class MoveObjects implements MoveEntries {
  constructor(
    private readonly bucket: Bucket,
    private readonly prefix: string,
  ) {}

  names(): Promise<string[]> {
    return this.bucket.names(this.prefix);
  }

  async read(name: string): Promise<string> {
    const text = await this.bucket.readText(this.prefix + name);
    if (text === undefined) throw new MissingObject(`the move ${this.prefix}${name} is gone`);
    return text;
  }

  create(name: string, text: string): Promise<boolean> {
    return this.bucket.createOnce(this.prefix + name, Buffer.from(text));
  }
}

function keyOf(model: string, id: string, file: string): string {
  return `${ROOT}${model}/versions/${id}/${file}`;
}
