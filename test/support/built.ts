import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { onceInRun } from './once.js';

const ROOT = new URL('../../', import.meta.url);

/**
 * Builds a bundle that is missing or older than the sources, once in a test run.
 * @param extra the option of infra/scripts/build.js for a bundle beside the application
 * @returns the path of a built file
 */
export async function built(file: string, ...extra: '--fuzz'[]): Promise<string> {
  if (extra.length > 0) await built('main.js');
  const failure = await onceInRun(['build', ...extra].join(''), async () => {
    const script = ['infra/scripts/build.js', '--if-stale', ...extra];
    return promisify(execFile)(process.execPath, script, { cwd: ROOT }).then(
      () => '',
      (error: Error) => error.message,
    );
  });
  if (failure !== '') throw new Error(failure);
  return fileURLToPath(new URL(`dist/${file}`, ROOT));
}
