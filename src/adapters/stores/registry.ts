import { LAYERS_FILES, listedFiles, type VersionFiles } from '../../registry/index.js';
import type { RegistryStore } from '../../registry/port.js';
import { areSafe, checkNames, lacks, noVersion, StoredAliases, versionKey } from './aliases.js';

const ROOT = 'models/';
/** A version exists as long as this does. */
const RECORD = 'version.json';

interface OtherFile {
  key: string;
  /** Undefined when it was missing. */
  bytes: Uint8Array | undefined;
}

/** Stores versions as objects `models/<model>/versions/<id>/…`; the record is written last and removed first. */
export class StoredRegistry extends StoredAliases implements RegistryStore {
  async listModels(): Promise<string[]> {
    const names = await this.objects.names(ROOT);
    const aliased = await Promise.all(names.map((model) => this.hasAliases(model)));
    return names.filter((_, i) => aliased[i]).sort();
  }

  async listVersions(model: string): Promise<string[]> {
    if (!areSafe(model)) return [];
    const prefix = `${ROOT}${model}/versions/`;
    const ids: string[] = [];
    for await (const { key } of this.objects.list(prefix)) {
      const [id, file] = key.slice(prefix.length).split('/');
      if (file === RECORD && areSafe(id!)) ids.push(id!);
    }
    return ids.sort();
  }

  async readVersion(model: string, id: string): Promise<VersionFiles> {
    checkNames(model, id);
    // Nearly all versions have these: they are read concurrently with the record, which lists the files.
    const begun = new Map<string, Promise<Uint8Array>>(
      LAYERS_FILES.map((name) => [name, this.readFile(model, id, name)]),
    );
    for (const reading of begun.values()) reading.catch(() => undefined);
    const record = await this.readFile(model, id, RECORD);
    const files = await Promise.all(
      listedFiles(record).map(
        async (name) => [name, await (begun.get(name) ?? this.readFile(model, id, name))] as const,
      ),
    );
    return { [RECORD]: record, ...Object.fromEntries(files) };
  }

  async readRecord(model: string, id: string): Promise<Uint8Array> {
    if (!areSafe(model, id)) throw noVersion(model, id);
    const bytes = await this.objects.read(versionKey(model, id, RECORD));
    if (bytes) return bytes;
    const isThere = await this.objects.hasAny(versionKey(model, id, ''));
    throw isThere ? lacks(model, id, RECORD) : noVersion(model, id);
  }

  async publish(model: string, id: string, files: VersionFiles): Promise<void> {
    checkNames(model, id);
    const record = files[RECORD];
    const others = Object.entries(files)
      .filter(([name]) => name !== RECORD)
      .map(([name, bytes]) => ({ key: versionKey(model, id, name), bytes }));
    const recordKey = versionKey(model, id, RECORD);
    try {
      for (const { key, bytes } of others) await this.objects.createOnce(key, bytes);
      await this.objects.createOnce(recordKey, record);
    } finally {
      await this.settle(recordKey, others);
    }
  }

  async deleteVersion(model: string, id: string): Promise<void> {
    if (!areSafe(model, id)) throw noVersion(model, id);
    const recordKey = versionKey(model, id, RECORD);
    const record = await this.objects.read(recordKey);
    if (!record) throw noVersion(model, id);
    await this.refuseInUse(model, id);
    const keys = listedFiles(record).map((name) => versionKey(model, id, name));
    const others = await Promise.all(
      keys.map(async (key) => ({ key, bytes: await this.objects.read(key) })),
    );
    await this.objects.remove([recordKey]);
    try {
      // An alias may have been moved to it meanwhile; from now on, such a move fails.
      await this.refuseInUse(model, id);
    } catch (error) {
      await this.objects.createOnce(recordKey, record, { free: true });
      throw error;
    } finally {
      await this.settle(recordKey, others);
    }
  }

  async names(): Promise<string[]> {
    return (await this.objects.names(ROOT)).filter((name) => areSafe(name));
  }

  /** An interrupted publication or removal leaves files without a record. */
  async sweep(model: string, before: Date): Promise<boolean> {
    if (!areSafe(model)) return false;
    let younger = await this.objects.sweep(`${ROOT}${model}/`, before);
    const whole = new Set(await this.listVersions(model));
    for (const { name, path, modified } of await this.objects.directories(
      `${ROOT}${model}/versions/`,
    )) {
      // It may have been published meanwhile.
      if (whole.has(name) || (await this.objects.has(path + RECORD))) continue;
      if (modified < before) await this.objects.removeAll(path);
      else younger = true;
    }
    return younger;
  }

  /**
   * Makes the other files of a version exist if its record does, and removes them otherwise. Other processes may publish
   * or delete it concurrently, so each checks the record again after its changes.
   */
  private async settle(record: string, others: readonly OtherFile[]): Promise<void> {
    for (;;) {
      const isThere = await this.objects.has(record);
      if (isThere) {
        for (const { key, bytes } of others)
          if (bytes && !(await this.objects.has(key)))
            await this.objects.createOnce(key, bytes, { free: true });
      } else {
        await this.objects.remove(others.map(({ key }) => key));
      }
      if ((await this.objects.has(record)) === isThere) return;
    }
  }

  private async readFile(model: string, id: string, name: string): Promise<Uint8Array> {
    const bytes = await this.objects.read(versionKey(model, id, name));
    if (bytes) return bytes;
    throw lacks(model, id, name);
  }
}
