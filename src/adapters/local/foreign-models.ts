import { constants } from 'node:fs';
import { open, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, sep } from 'node:path';
import { LapidaryError } from '../../core/errors.js';
import type { ForeignModels } from '../../training/import/port.js';

/** A link is not followed, and opening a pipe does not wait for its other end. */
const CAREFULLY = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

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

  async list(path: string): Promise<readonly string[] | 'file'> {
    try {
      return (await stat(path)).isDirectory() ? (await readdir(path)).sort() : 'file';
    } catch (error) {
      throw invalid(`${path} cannot be read: ${(error as Error).message}`, error);
    }
  }

  async readFile(directory: string, name: string, mostBytes: number): Promise<Uint8Array> {
    // model.json is untrusted: a file that it names lies beside it or is not read.
    const path = join(directory, name);
    if (isAbsolute(name) || name.includes('\0') || !(await isInside(directory, path)))
      throw invalid(`model.json names the file ${JSON.stringify(name)}, which is not beside it`);
    try {
      return await readPlainFile(path, name, mostBytes);
    } catch (error) {
      if (error instanceof LapidaryError) throw error;
      const isLink = (error as NodeJS.ErrnoException).code === 'ELOOP';
      const reason = isLink ? 'it is a link: copy the file itself' : (error as Error).message;
      throw invalid(`${directory}: ${name} cannot be read: ${reason}`, error);
    }
  }
}

/** Whether the directory that a file is in lies in another, wherever links lead; also where there is none. */
async function isInside(directory: string, path: string): Promise<boolean> {
  try {
    const [outer, inner] = await Promise.all([realpath(directory), realpath(join(path, '..'))]);
    return `${inner}${sep}`.startsWith(outer.endsWith(sep) ? outer : `${outer}${sep}`);
  } catch {
    return !path.split(sep).includes('..');
  }
}

async function readPlainFile(path: string, name: string, mostBytes: number): Promise<Uint8Array> {
  const file = await open(path, CAREFULLY);
  try {
    const found = await file.stat();
    if (!found.isFile()) throw invalid(`${name} is no plain file`);
    if (found.size > mostBytes)
      throw invalid(`${name} has ${found.size} bytes, where at most ${mostBytes} belong`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

function invalid(detail: string, cause?: unknown): LapidaryError {
  return new LapidaryError('invalid_model', detail, [], { cause });
}
