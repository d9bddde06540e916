// @ts-check
// Shared by the deployment commands: options, --help, and exit codes.
import { parseArgs } from 'node:util';

/** An error that is printed without a stack: the input or the environment is at fault, not the code. */
export class Refusal extends Error {
  /** @param {string} message @param {number} [exitCode] 2 for an invalid command line */
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/**
 * @typedef {Record<string, string | boolean | undefined>} Options
 * @typedef {{ name: string, usage: string, options: Record<string, 'text' | 'flag'>,
 *   run: (options: Options) => Promise<void> }} Command
 */

/**
 * Runs a command of infra/scripts and sets the exit code of the process.
 * @param {Command} command
 */
export async function main({ name, usage, options, run }) {
  try {
    const given = parse(options);
    if (given.help === true) process.stdout.write(usage);
    else await run(given);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    process.stderr.write(`${name}: ${error.message}\n`);
    process.exitCode = error.exitCode;
  }
}

/** @param {Command['options']} options @returns {Options} */
function parse(options) {
  const kinds = Object.entries({ ...options, help: 'flag' }).map(([option, kind]) => [
    option,
    { type: kind === 'flag' ? 'boolean' : 'string' },
  ]);
  try {
    return /** @type {Options} */ (parseArgs({ options: Object.fromEntries(kinds) }).values);
  } catch (error) {
    const [reason] = /** @type {Error} */ (error).message.split('. ');
    throw new Refusal(`${reason}; --help lists the options`, 2);
  }
}

export const ENVIRONMENTS = ['dev', 'prd'];

/** @param {Options} options @returns {string} the environment that --env names */
export function environmentOf({ env }) {
  if (typeof env === 'string' && ENVIRONMENTS.includes(env)) return env;
  throw new Refusal(`--env must be ${ENVIRONMENTS.join(' or ')}`, 2);
}

/** @param {Options} options @param {string} name @returns {string | undefined} */
export function text(options, name) {
  const value = options[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Prints a line of progress. @param {string} line */
export function say(line) {
  process.stdout.write(`${line}\n`);
}
