import { constants } from 'node:fs';
import { open, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, sep } from 'node:path';
import { LapidaryError } from '../../core/errors.js';
import type { ForeignModels } from '../../training/port.js';

/** Does not follow links, and does not block on pipes. */
const CAREFULLY = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Reads models in local directories. */
export class LocalForeignModels implements ForeignModels {
  async readSpec(path: string): Promise<unknown> {
    try {
      return JSON.parse(await readFile(path, 'utf8'));
    } catch (error) {
      const isAbsent = (error as NodeJS.ErrnoException).code === 'ENOENT';
      const detail = isAbsent
        ? `file ${path} not found`
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
    // model.json is untrusted: only files in its directory are read.
    const path = join(directory, name);
    if (isAbsolute(name) || name.includes('\0') || !(await isInside(directory, path)))
      throw invalid(
        `model.json names the file ${JSON.stringify(name)}, which is not in its directory`,
      );
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

/** Decides whether a file is inside a directory after resolving links. */
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
    if (!found.isFile()) throw invalid(`${name} is not a regular file`);
    if (found.size > mostBytes)
      throw invalid(`${name} has ${found.size} bytes, at most ${mostBytes} are expected`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

function invalid(detail: string, cause?: unknown): LapidaryError {
  return new LapidaryError('invalid_model', detail, [], { cause });
}
