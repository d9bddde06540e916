// @ts-check
import { spawn } from 'node:child_process';
import { Refusal } from './command.js';

/** A program that exited with another code than 0. */
export class Failed extends Error {
  /** @param {string} program @param {number | null} code @param {string} stderr */
  constructor(program, code, stderr) {
    super(`${program} exited with ${code}${stderr === '' ? '' : `: ${stderr.trim()}`}`);
    this.code = code;
    this.stderr = stderr;
  }
}

/**
 * Runs a program. Returns its output, or with `show` prints it.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ show?: boolean, env?: NodeJS.ProcessEnv }} [options] `env` adds to the environment of this process
 * @returns {Promise<string>} its standard output
 */
export function run(program, args, { show = false, env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout?.setEncoding('utf8').on('data', (part) => {
      stdout += part;
    });
    child.stderr?.setEncoding('utf8').on('data', (part) => {
      stderr += part;
    });
    child.on('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      reject(error.code === 'ENOENT' ? new Refusal(`${program} is not installed`) : error);
    });
    child.on('close', (code) => {
      if (code === 0) resolve(stdout);
      else reject(new Failed(program, code, stderr));
    });
  });
}
