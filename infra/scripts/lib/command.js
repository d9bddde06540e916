// @ts-check
// What the deployment commands have in common: options, --help, and how they end.
import { parseArgs } from 'node:util';

/** Told to the caller as it is, without a stack: the input or the state of things is at fault, not the code. */
export class Refusal extends Error {
  /** @param {string} message @param {number} [exitCode] 2 when the command line is at fault */
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
 * Runs a command of infra/scripts as the process' own.
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
  throw new Refusal(`--env is ${ENVIRONMENTS.join(' or ')}`, 2);
}

/** @param {Options} options @param {string} name @returns {string | undefined} */
export function text(options, name) {
  const value = options[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** One line of what happens. @param {string} line */
export function say(line) {
  process.stdout.write(`${line}\n`);
}
