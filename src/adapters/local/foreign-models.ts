import { readFile } from 'node:fs/promises';
import { isAbsolute, join, normalize } from 'node:path';
import { LapidaryError } from '../../core/errors.js';
import type { ForeignModels } from '../../training/import/port.js';

/** Models in directories of this machine. */
export class LocalForeignModels implements ForeignModels {
  async readSpec(path: string): Promise<unknown> {
    try {
      return JSON.parse(await readFile(path, 'utf8'));
    } catch (error) {
      const isAbsent = (error as NodeJS.ErrnoException).code === 'ENOENT';
      const detail = isAbsent
        ? `there is no file ${path}`
        : `${path} cannot be read as JSON: ${(error as Error).message}`;
      throw new LapidaryError('invalid_spec', detail, [], { cause: error });
    }
  }

  async readFile(directory: string, name: string): Promise<Uint8Array> {
    // model.json comes from somebody else: what it names lies beside it or is not read.
    if (isAbsolute(name) || normalize(name).startsWith('..')) {
      throw new LapidaryError('invalid_model', `model.json names the file ${name}, outside of it`);
    }
    try {
      return await readFile(join(directory, name));
    } catch (error) {
      const detail = `${directory} has no ${name}: ${(error as Error).message}`;
      throw new LapidaryError('invalid_model', detail, [], { cause: error });
    }
  }
}
