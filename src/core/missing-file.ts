import { LapidaryError } from './errors.js';

const ADDRESS = /^[a-z][a-z\d+.-]+:\/\//i;

/** Returns the error for a path that cannot be read as a file. @param isDirectory whether it is a directory */
export function missingFile(path: string, isDirectory = false): LapidaryError {
  return new LapidaryError('invalid_dataset', describe(path, isDirectory));
}

function describe(path: string, isDirectory: boolean): string {
  if (isDirectory) return `${path} is a directory: name a file in it`;
  if (ADDRESS.test(path))
    return `file ${path} not found: download it first, as with curl -fLO ${path}`;
  return `file ${path} not found`;
}
