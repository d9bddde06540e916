import { createReadStream } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Bytes, DataSource } from '../../rows/source.js';
import { type ModelFiles, StoredModelDefinitions } from '../shared/model-definitions.js';
import { makeDirectory, orUndefined, replaceFile, syncDirectory } from './durable.js';

/** Definitions of models in a directory. */
export class LocalModelDefinitions extends StoredModelDefinitions {
  /** @param openDataset opens a dataset that a source names */
  constructor(directory: string, openDataset: (name: string) => Promise<DataSource>) {
    super(new ModelDirectories(directory), openDataset);
  }
}

/** Files `<directory>/<model>/<file>`. */
class ModelDirectories implements ModelFiles {
  constructor(private readonly directory: string) {}

  async models(): Promise<string[]> {
    return (await orUndefined(readdir(this.directory))) ?? [];
  }

  read(model: string, file: string): Promise<string | undefined> {
    return orUndefined(readFile(this.pathOf(model, file), 'utf8'));
  }

  async replace(model: string, file: string, text: string): Promise<void> {
    await makeDirectory(this.pathOf(model));
    await replaceFile(this.pathOf(model, file), Buffer.from(text));
  }

  async remove(model: string, file: string): Promise<void> {
    await rm(this.pathOf(model, file), { force: true });
    await syncDirectory(this.pathOf(model));
  }

  open(model: string, file: string): Bytes {
    return { read: () => createReadStream(this.pathOf(model, file)) };
  }

  /** It stays where it is. */
  async keepData(model: string, path: string): Promise<string> {
    return relative(this.pathOf(model), path);
  }

  private pathOf(model: string, file = ''): string {
    return join(this.directory, model, file);
  }
}
