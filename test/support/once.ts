import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Upper bound for making any of them, including the installation of the emulator. */
const LONGEST_MS = 360_000;

/**
 * Runs a function once in a test run: the first test file runs it, the others wait for its result, in any of jest's
 * workers. The lock is a directory that only one of them can create, the result a file that is renamed into place.
 * @param make gets a directory of its own; its result is stored as JSON
 */
export async function onceInRun<Made>(
  name: string,
  make: (directory: string) => Promise<Made>,
): Promise<Made> {
  const run = process.env.LAPIDARY_TEST_RUN;
  if (run === undefined) throw new Error('test/support/run-begin.js was not run by jest');
  const directory = join(run, name);
  const answer = `${directory}.json`;
  try {
    mkdirSync(directory);
  } catch {
    return waitFor(answer);
  }
  const made = await make(directory);
  writeFileSync(`${answer}.new`, JSON.stringify(made));
  renameSync(`${answer}.new`, answer);
  return made;
}

async function waitFor<Made>(answer: string): Promise<Made> {
  const until = Date.now() + LONGEST_MS;
  while (!existsSync(answer)) {
    if (Date.now() > until) throw new Error(`the test file that makes ${answer} did not`);
    await sleep(50);
  }
  return JSON.parse(readFileSync(answer, 'utf8')) as Made;
}
